"""Runs checks side by side and reports each in one line.

A linter that went silent looks like a clean project. So every check also runs on its canary, files with planted
mistakes, and must fail there and name each of them.
"""

import os
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lint.paths import ROOT

SECONDS = 150


@dataclass(frozen=True)
class Check:
    """A tool: its command for given files, those of the project, and a canary with the mistakes that it must name."""

    name: str
    command: Callable[[list], list]
    project: list
    canary: list
    mistakes: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    name: str
    findings: str
    silence: str
    seconds: float

    @property
    def clean(self) -> bool:
        return not self.findings and not self.silence

    def line(self) -> str:
        verdict = "ok" if self.clean else "FAILED" if self.findings else "SILENT"
        return f"{self.name:<16} {verdict:<7} {self.seconds:6.1f} s"


def run_all(checks: list[Check]) -> list[Outcome]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = []
        for outcome in pool.map(_run, checks):
            print(outcome.line(), flush=True)
            outcomes.append(outcome)
    for outcome in outcomes:
        if not outcome.clean:
            print(f"\n== {outcome.name}\n{outcome.findings}{outcome.silence}")
    return outcomes


def _run(check: Check) -> Outcome:
    began = time.monotonic()
    status, output = _call(check.command(check.project))
    findings = output or f"exit code {status}, without a word\n" if status else ""
    status, output = _call(check.command(check.canary))
    return Outcome(check.name, findings, _silence(check, status, output), time.monotonic() - began)


def _silence(check: Check, status: int, output: str) -> str:
    """What the check did not say of its canary."""
    missed = [mistake for mistake in check.mistakes if mistake not in output]
    if status and not missed:
        return ""
    return f"{check.name} did not find its planted mistakes: exit code {status}, not named: {missed}\n{output}"


def _call(command: list) -> tuple[int, str]:
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, check=False, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL,
            env=os.environ | {"NO_COLOR": "1", "CARGO_TERM_COLOR": "never"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 127, f"{error}\n"
    return done.returncode, done.stdout + done.stderr
