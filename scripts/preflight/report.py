"""What is printed: for people at a terminal, or JSON."""

import json
import os
import shutil
import textwrap
from collections import Counter

from preflight.result import Result, Verdict

LABELS = {Verdict.PROBLEM: "PROBLEM", Verdict.WARNING: "warning", Verdict.UNKNOWN: "not checked"}
COLOURS = {
    Verdict.OK: "32",
    Verdict.NOTICE: "36",
    Verdict.WARNING: "33",
    Verdict.PROBLEM: "1;31",
    Verdict.UNKNOWN: "35",
}
VERDICT_WIDTH, SUBJECT_WIDTH = 13, 18


class Report:
    """Prints each result as it comes, and at the end how it all stands."""

    def __init__(self, stream) -> None:
        self._stream = stream
        self._coloured = stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        self._width = min(shutil.get_terminal_size().columns, 140) if stream.isatty() else 140
        self._results: list[tuple[str, Result]] = []

    def heading(self, text: str) -> None:
        self._write(clean(text) + "\n")

    def add(self, name: str, result: Result) -> None:
        self._results.append((name, result))
        verdict = LABELS.get(result.verdict, result.verdict.value).ljust(VERDICT_WIDTH)
        indent = " " * (VERDICT_WIDTH + SUBJECT_WIDTH)
        sentence = textwrap.fill(
            clean(result.sentence), max(self._width - len(indent), 40), break_long_words=False, break_on_hyphens=False
        )
        lines = sentence.splitlines() or [""]
        self._write(self._colour(result.verdict, verdict) + name.ljust(SUBJECT_WIDTH) + lines[0])
        for line in lines[1:]:
            self._write(indent + line)
        if result.fix:
            # In one line, however long: it is there to be copied.
            self._write(
                f"{indent}{'fix' if result.verdict is Verdict.PROBLEM else 'to change it'}: {clean(result.fix)}"
            )

    def end(self) -> None:
        counts = Counter(result.verdict for _, result in self._results)
        told = [f"{counts[verdict]} {verdict.value}" for verdict in Verdict if counts[verdict]]
        self._write("\n" + ", ".join(told))
        if names := list(dict.fromkeys(n for n, r in self._results if r.verdict is Verdict.PROBLEM)):
            self._write(self._colour(Verdict.PROBLEM, f"problems with: {', '.join(names)}"))

    def _colour(self, verdict: Verdict, text: str) -> str:
        return f"\x1b[{COLOURS[verdict]}m{text}\x1b[0m" if self._coloured else text

    def _write(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


def clean(text: str) -> str:
    """Names and reasons come from the account: no control bytes of theirs reach a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def as_json(heading: dict, results: list[tuple[str, Result]]) -> str:
    checks = [{"check": name, "verdict": r.verdict.value, "sentence": r.sentence, "fix": r.fix} for name, r in results]
    return json.dumps(heading | {"checks": checks}, indent=2)
