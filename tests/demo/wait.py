"""Waiting until something is so."""

import time
from collections.abc import Callable
from typing import TypeVar

from demo.errors import DemoError

PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.15

Found = TypeVar("Found")


def eventually(what: str, look: Callable[[], Found | None], seconds: float = PATIENCE_SECONDS) -> Found:
    """Look until there is an answer."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise DemoError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(PAUSE_SECONDS)
