"""Progress goes to stderr with the time since the command began; results alone go to stdout."""

import sys
import time

_began = time.monotonic()


def say(text: str) -> None:
    print(f"[{time.monotonic() - _began:6.1f}s] {text}", file=sys.stderr, flush=True)
