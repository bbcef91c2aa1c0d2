"""What a check answers."""

import enum
from dataclasses import dataclass


class Verdict(enum.Enum):
    OK = "ok"
    NOTICE = "notice"
    WARNING = "warning"
    PROBLEM = "problem"
    UNKNOWN = "could-not-check"


@dataclass(frozen=True)
class Result:
    """One sentence, and the command or template parameter that puts it right."""

    verdict: Verdict
    sentence: str
    fix: str = ""


def ok(sentence: str) -> Result:
    return Result(Verdict.OK, sentence)


def notice(sentence: str, fix: str = "") -> Result:
    """Right as it is, but good to know."""
    return Result(Verdict.NOTICE, sentence, fix)


def warning(sentence: str, fix: str) -> Result:
    """It works, but less well, or not for long."""
    return Result(Verdict.WARNING, sentence, fix)


def problem(sentence: str, fix: str) -> Result:
    """Something that adsteward needs is missing. A problem always names its fix."""
    return Result(Verdict.PROBLEM, sentence, fix)


def could_not_check(sentence: str, fix: str = "") -> Result:
    return Result(Verdict.UNKNOWN, sentence, fix)
