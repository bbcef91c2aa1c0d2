"""fault, mark, quota, consistency, retries."""

import argparse
import json

from lab import aws_service, state
from lab.errors import UsageError

KINDS = ("error-before", "lost-answer", "throttle", "delay", "late-effect", "stale-read", "kill-after", "silent", "garbage")
DELAYED = ("delay", "late-effect")


def register(subparsers: argparse._SubParsersAction) -> None:
    usage = "%(prog)s SERVICE OPERATION KIND [COUNT] [--after N] [--delay-ms D] [--for TEXT]"
    usage += " | --clear [--for TEXT] | --list"
    fault = subparsers.add_parser("fault", help="let the next calls of an operation fail in some way", usage=usage)
    fault.add_argument("service", nargs="?", metavar="SERVICE", help="botocore's name, such as ds-data; kerberos, ldap")
    fault.add_argument("operation", nargs="?", metavar="OPERATION", help="such as DisableUser, ldap's Delete, kerberos' Exchange")
    fault.add_argument("kind", nargs="?", metavar="KIND", choices=KINDS, help=", ".join(KINDS))
    fault.add_argument("count", nargs="?", metavar="COUNT", type=int, default=1, help="how many calls (1)")
    fault.add_argument("--after", type=int, default=0, metavar="N", help="leave the first N of these calls alone")
    fault.add_argument("--delay-ms", type=int, default=0, metavar="D", help="for delay and late-effect")
    fault.add_argument("--for", default=None, metavar="TEXT", dest="text",
                       help="only calls made for an event that contains TEXT, such as an execution or a finding")
    fault.add_argument("--clear", action="store_true", help="forget all faults, or those of this --for")
    fault.add_argument("--list", action="store_true", help="all faults and how many calls met them, as JSON lines")
    fault.set_defaults(run=run_fault)
    mark = subparsers.add_parser("mark", help="let `calls` tell which are made for an event that contains a text")
    mark.add_argument("text", nargs="?", metavar="TEXT", help="such as an execution or a finding")
    mark.add_argument("--clear", action="store_true", help="forget all such texts, or this one")
    mark.set_defaults(run=run_mark)
    _add_switch(subparsers, "quota", "quota", ("off", "on"),
                "enforce request quotas: ds-data 8 reads and 4 writes a second, connect 2 a second and 5 at once")
    _add_switch(subparsers, "consistency", "eventual", ("immediate", "eventual"),
                "let reads answer for two seconds as of before a write, where AWS documents it")
    _add_switch(subparsers, "retries", "quick-retries", ("due", "quick"),
                "let states wait a fifth of their time before they try again")


def _add_switch(
    subparsers: argparse._SubParsersAction, name: str, what: str, words: tuple[str, str], text: str
) -> None:
    """A command with one of two words; the second one turns it on."""
    command = subparsers.add_parser(name, help=text)
    command.add_argument("value", choices=words)
    command.set_defaults(run=run_switch, what=what, on=words[1])


def run_fault(arguments: argparse.Namespace) -> int:
    state.running()
    if (arguments.clear and arguments.service) or (arguments.list and (arguments.clear or arguments.service)):
        raise UsageError("declare a fault, or --clear, or --list: one at a time")
    if arguments.list:
        for fault in aws_service.admin("fault")["faults"]:
            print(json.dumps(fault))
    elif arguments.clear:
        aws_service.admin("fault", {"clear": arguments.text})
    elif arguments.kind is None:
        raise UsageError("a fault needs SERVICE OPERATION KIND; see scripts/lab fault --help")
    else:
        aws_service.admin("fault", {"declare": _declared(arguments)})
    return 0


def _declared(arguments: argparse.Namespace) -> dict:
    if (arguments.delay_ms > 0) != (arguments.kind in DELAYED):
        raise UsageError(f"--delay-ms belongs to {' and '.join(DELAYED)}, which need it")
    names = ("service", "operation", "kind", "count", "after", "delay_ms")
    return {name: getattr(arguments, name) for name in names} | {"text": arguments.text or ""}


def run_mark(arguments: argparse.Namespace) -> int:
    state.running()
    if not arguments.text and not arguments.clear:
        raise UsageError("mark needs a TEXT, or --clear")
    aws_service.admin("mark", {"clear" if arguments.clear else "text": arguments.text})
    return 0


def run_switch(arguments: argparse.Namespace) -> int:
    state.running()
    aws_service.admin("switch", {"what": arguments.what, "on": arguments.value == arguments.on})
    return 0
