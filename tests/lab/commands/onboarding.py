"""workspaces, connect."""

import argparse

from lab import aws_service, state
from lab.cli import print_json
from lab.errors import UsageError


def register(subparsers: argparse._SubParsersAction) -> None:
    workspaces = subparsers.add_parser("workspaces", help="how Amazon WorkSpaces behaves; prints it as JSON")
    workspaces.add_argument("--pending-seconds", type=float, metavar="S", help="from PENDING to AVAILABLE (2)")
    workspaces.add_argument("--changing-seconds", type=float, metavar="S", help="to stop, start or terminate (1)")
    workspaces.add_argument("--limit", type=int, metavar="N", help="how many there may be (1000)")
    workspaces.add_argument("--outcome", metavar="OUTCOME",
                            help="what the next request ends in: ERROR or UNHEALTHY after PENDING, or a failed request's code")
    workspaces.add_argument("--count", type=int, metavar="N", help="of how many requests (1)")
    workspaces.add_argument("--for", default=None, metavar="USER", dest="user", help="only requests for this user")
    workspaces.set_defaults(run=run_workspaces)
    connect = subparsers.add_parser("connect", help="how Amazon Connect behaves; prints it as JSON")
    connect.add_argument("--user-limit", type=int, metavar="N", help="how many users the instance may have (1000)")
    connect.set_defaults(run=run_connect)


def run_workspaces(arguments: argparse.Namespace) -> int:
    state.running()
    changes = _given(arguments, "pending_seconds", "changing_seconds", "limit")
    if arguments.outcome:
        count = 1 if arguments.count is None else arguments.count
        changes["outcome"] = {"outcome": arguments.outcome, "count": count, "user": arguments.user or ""}
    elif (arguments.count, arguments.user) != (None, None):
        raise UsageError("--count and --for belong to --outcome")
    print_json(aws_service.admin("workspaces", changes))
    return 0


def run_connect(arguments: argparse.Namespace) -> int:
    state.running()
    print_json(aws_service.admin("connect", _given(arguments, "user_limit")))
    return 0


def _given(arguments: argparse.Namespace, *names: str) -> dict:
    return {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}
