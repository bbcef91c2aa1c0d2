"""What is said and asked on the way."""

import sys


class Refused(Exception):
    """The person said no."""


class Failed(Exception):
    """The smoke test cannot go on."""


def say(text: str) -> None:
    print(text, flush=True)


def head(text: str) -> None:
    say(f"\n== {text}")


class Person:
    """Who is asked before anything changes; `--yes` has answered beforehand."""

    def __init__(self, always_yes: bool) -> None:
        self._always_yes = always_yes

    def agrees(self, question: str) -> bool:
        if self._always_yes:
            say(f"{question} yes (--yes)")
            return True
        if not sys.stdin.isatty():
            raise Failed(f"{question} Nobody is there to answer: give --yes")
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")

    def must_agree(self, question: str) -> None:
        if not self.agrees(question):
            raise Refused

    def waits_for(self, what: str) -> None:
        if not self._always_yes:
            input(f"{what} Then press Enter. ")
