"""What the demo shows in the terminal: lines with the time since its start, and one moving line while it waits.

Without a terminal (or with NO_COLOR, or TERM=dumb) it writes plain lines only."""

import os
import shutil
import sys
import textwrap
import threading
import time
from contextlib import contextmanager

FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
FRAME_SECONDS = 0.1
REMINDER_SECONDS = 15
STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
GUTTER = 9


class Screen:
    """All output goes through here, so that the moving line and the lines never mix."""

    def __init__(self, began: float) -> None:
        self.began = began
        self.moving = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self.colours = self.moving and "NO_COLOR" not in os.environ
        self._lock = threading.RLock()
        self._busy: Busy | None = None

    def elapsed(self) -> float:
        return time.time() - self.began

    def width(self) -> int:
        return min(shutil.get_terminal_size((120, 24)).columns, 120)

    def style(self, text: str, *names: str) -> str:
        if not self.colours or not names:
            return text
        return f"\x1b[{';'.join(STYLES[name] for name in names)}m{text}\x1b[0m"

    def line(self, text: str = "", timed: bool = True) -> None:
        """One line behind the time since the start."""
        time_shown = f"{self.elapsed():6.1f}s" if timed else " " * 7
        with self._lock:
            self._erase()
            print(f"{self.style(time_shown, 'dim')}  {text}".rstrip(), flush=True)
            self._draw()

    def blank(self) -> None:
        with self._lock:
            self._erase()
            print(flush=True)

    def wrapped(self, text: str, lead: str = "") -> None:
        """A longer text in the width of the terminal; `lead` begins its first line."""
        room = max(self.width() - GUTTER - len(lead), 30)
        lines = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
        for number, part in enumerate(lines):
            self.line((lead if number == 0 else " " * len(lead)) + part, timed=number == 0)

    def block(self, text: str) -> None:
        """Somebody else's words, as they are."""
        for part in text.rstrip("\n").split("\n"):
            self.line(f"{self.style('│', 'dim')} {part}", timed=False)

    @contextmanager
    def busy(self, what: str):
        """A moving line while something takes its time; without a terminal a line now, and one when it takes long."""
        with self._lock:
            self._busy = Busy(self, what)
        if not self.moving:
            self.line(f"... {what}")
        self._busy.thread.start()
        try:
            yield self._busy
        finally:
            busy, self._busy = self._busy, None
            busy.ended.set()
            busy.thread.join()
            with self._lock:
                self._erase()

    def _erase(self) -> None:
        if self.moving:
            sys.stdout.write("\r\x1b[2K")
            sys.stdout.flush()

    def _draw(self) -> None:
        if self.moving and self._busy is not None:
            sys.stdout.write(self._busy.frame())
            sys.stdout.flush()


class Busy:
    """The moving line; `detail` may be set at any time."""

    def __init__(self, screen: Screen, what: str) -> None:
        self.screen, self.what, self.detail = screen, what, ""
        self.began = time.monotonic()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._live, daemon=True)

    def frame(self) -> str:
        seconds = time.monotonic() - self.began
        glyph = self.screen.style(FRAMES[int(seconds / FRAME_SECONDS) % len(FRAMES)], "cyan")
        head = f"{self.what}  {seconds:.1f} s"
        room = max(self.screen.width() - GUTTER - 4 - len(head), 0)
        detail = f"  {self.detail}"[:room]
        return f"\r\x1b[2K{' ' * GUTTER}{glyph} {head}{self.screen.style(detail, 'dim')}"

    def _live(self) -> None:
        pause = FRAME_SECONDS if self.screen.moving else REMINDER_SECONDS
        while not self.ended.wait(pause):
            if self.screen.moving:
                with self.screen._lock:
                    self.screen._draw()
            else:
                seconds = time.monotonic() - self.began
                self.screen.line(f"... still at it after {seconds:.0f} s {self.detail}".rstrip())
