"""calls, mail, logs."""

import argparse
import json
import re
import sys
import zlib
from pathlib import Path

from lab import paths, state
from lab.errors import LabError, UsageError

CURSOR = re.compile(r'(?:\{"cursor": ")?([0-9]+)(?:-([0-9a-f]{8}))?(?:"\})?')


def register(subparsers: argparse._SubParsersAction) -> None:
    for name, file, text in (
        ("calls", paths.CALLS, "every API call that anyone made, as JSON lines"),
        ("mail", paths.MAIL, "every e-mail that SNS delivered, as JSON lines"),
    ):
        command = subparsers.add_parser(name, help=f"{text}; the last line is the cursor")
        command.add_argument("--since", metavar="CURSOR", default="0", help="only what came after this cursor")
        command.set_defaults(run=run_records, file=file)
    logs = subparsers.add_parser("logs", help="the log lines of a function, named by crate, binary or function")
    logs.add_argument("crate", metavar="CRATE")
    logs.set_defaults(run=run_logs)


def run_records(arguments: argparse.Namespace) -> int:
    """Only whole lines count."""
    state.load()
    text = Path(arguments.file).read_bytes()
    text = text[: text.rfind(b"\n") + 1]
    sys.stdout.write(text[_seen(arguments.since, text) :].decode())
    print(json.dumps({"cursor": _cursor(text)}))
    return 0


def _cursor(text: bytes) -> str:
    """The number of bytes seen, and a mark of the first line: after a reset everything is new."""
    first = text.partition(b"\n")[0]
    return f"{len(text)}-{zlib.crc32(first):08x}" if text else "0"


def _seen(cursor: str, text: bytes) -> int:
    """How many bytes the caller has seen; `cursor` may be the whole last line of an earlier answer."""
    found = CURSOR.fullmatch(cursor)
    if not found:
        raise UsageError(f"{cursor!r} is not a cursor: give what the last line of an earlier answer holds, or 0")
    return int(found[1]) if _cursor(text).partition("-")[2] == found[2] else 0


def run_logs(arguments: argparse.Namespace) -> int:
    """The lines of every function whose name, binary or crate is given, oldest first."""
    from lab.client import client  # the AWS libraries take half a second, which other commands do without

    functions = client("lambda").list_functions()["Functions"]
    wanted = _functions_of(arguments.crate, [function["FunctionName"] for function in functions])
    if not wanted:
        known = ", ".join(sorted(function["FunctionName"] for function in functions)) or "none is deployed"
        raise LabError(f"no function belongs to {arguments.crate}; functions: {known}")
    groups = {f["FunctionName"]: f.get("LoggingConfig", {}).get("LogGroup") for f in functions}
    events = [event for name in wanted for event in _events(client("logs"), groups[name] or f"/aws/lambda/{name}")]
    for event in sorted(events, key=lambda event: event["timestamp"]):
        print(event["message"].rstrip("\n"))
    return 0


def _functions_of(crate: str, functions: list[str]) -> list[str]:
    """Function names are STACK-BINARY; a crate may have several binaries."""
    stack = state.load()["stack_name"]
    folder = paths.ROOT / "crates" / crate
    binaries = {crate} | {file.stem for file in (folder / "src" / "bin").glob("*.rs")}
    return [name for name in functions if name in binaries or name.removeprefix(f"{stack}-") in binaries]


def _events(logs, group: str) -> list[dict]:
    try:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        return [event for page in pages for event in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []
