"""rotate-due, rotations, age-secret."""

import argparse
import json
import time

from lab import aws_service, state
from lab.errors import LabError

POLL_SECONDS = 0.2
SECONDS = 600


def register(subparsers: argparse._SubParsersAction) -> None:
    due = subparsers.add_parser("rotate-due", help="rotate what the schedules would, now; exit 0 only if all succeeded")
    due.add_argument("secret", nargs="?", metavar="SECRET", help="only this one, by name or ARN")
    due.add_argument("--in-days", type=int, metavar="N", help="only those whose time comes within N days")
    due.set_defaults(run=run_due)
    listing = subparsers.add_parser("rotations", help="rotations and their steps so far, as JSON lines")
    listing.add_argument("--wait", action="store_true", help="wait until none is under way")
    listing.set_defaults(run=run_rotations)
    age = subparsers.add_parser("age-secret", help="move a secret's past back, its last rotation too")
    age.add_argument("secret", metavar="SECRET", help="by name or ARN")
    age.add_argument("days", type=int, metavar="DAYS")
    age.set_defaults(run=run_age)


def run_due(arguments: argparse.Namespace) -> int:
    request = {"secret": arguments.secret, "days": arguments.in_days}
    started = aws_service.admin("rotate-due", request)["started"]
    ended = _settled(started)
    _print(ended)
    return 0 if all(run["outcome"] == "Succeeded" for run in ended) else 1


def run_rotations(arguments: argparse.Namespace) -> int:
    state.running()
    _print(_settled() if arguments.wait else _rotations())
    return 0


def run_age(arguments: argparse.Namespace) -> int:
    aws_service.admin("age-secret", {"secret": arguments.secret, "days": arguments.days})
    return 0


def _settled(ids: list[str] | None = None) -> list[dict]:
    """All rotations, or those with the ids, at their end."""
    deadline = time.monotonic() + SECONDS
    while True:
        found = [run for run in _rotations() if ids is None or run["id"] in ids]
        if all(run["outcome"] != "InProgress" for run in found):
            return found
        if time.monotonic() > deadline:
            raise LabError(f"a rotation is still under way after {SECONDS} s")
        time.sleep(POLL_SECONDS)


def _rotations() -> list[dict]:
    return aws_service.admin("rotations")["rotations"]


def _print(runs: list[dict]) -> None:
    for run in runs:
        print(json.dumps(run))
