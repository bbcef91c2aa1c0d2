"""instance run, list, exec, start, stop, terminate."""

import argparse
import os
import re
import sys

from lab import instances, namespaces, settings, state
from lab.cli import account, print_json, region
from lab.errors import UsageError, not_running
from lab.instances import session
from lab.progress import say

ID = re.compile(r"i-[0-9a-f]{17}")


def register(subparsers: argparse._SubParsersAction) -> None:
    group = subparsers.add_parser("instance", help="the lab's EC2 instances")
    group = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    run = group.add_parser("run", help="start an instance and print its id")
    run.add_argument("--account", type=account, default=settings.ACCOUNT_ID, help="the owning account (default: %(default)s)")
    run.add_argument("--region", type=region, default=settings.REGION, help="default: %(default)s")
    run.add_argument("--tag", action="append", default=[], metavar="K=V", help="a tag (repeatable)")
    membership = run.add_mutually_exclusive_group()
    membership.add_argument("--joined", action="store_true", help="join it to the domain")
    membership.add_argument("--unjoined", action="store_false", dest="joined", help="do not join it (the default)")
    run.add_argument("--agent-delay", type=_seconds, default=0.0, metavar="S",
                     help="how long after boot the SSM agent is not there yet (default: 0)")
    run.add_argument("--ip", metavar="X", help=f"its address in {settings.NETWORK} (default: the next free one)")
    run.set_defaults(run=_inside(run_run))
    group.add_parser("list", help="all instances, as JSON").set_defaults(run=run_list)
    execute = group.add_parser("exec", usage="%(prog)s [--user U] ID -- CMD",
                               help="run a command on an instance: as root without a log-in, or in a log-in of a user")
    execute.add_argument("id", type=_instance_id)
    execute.add_argument("--user", metavar="U", help="log this user in and run the command in the log-in shell")
    execute.set_defaults(run=_inside(run_exec), takes_command=True)
    for name, action, text in (
        ("stop", instances.stop, "end its processes, keep its disk"),
        ("start", instances.start, "boot a stopped instance"),
        ("terminate", instances.terminate, "end it and discard its disk"),
    ):
        parser = group.add_parser(name, help=text)
        parser.add_argument("id", type=_instance_id)
        parser.set_defaults(run=_inside(lambda arguments, action=action: action(arguments.id)))


def run_run(arguments: argparse.Namespace) -> int:
    tags = dict(_tag(text) for text in arguments.tag)
    say("starting an instance" + (" and joining it to the domain" if arguments.joined else ""))
    print(instances.run(arguments.account, arguments.region, tags, arguments.joined, arguments.agent_delay, arguments.ip))
    return 0


def run_list(_arguments: argparse.Namespace) -> int:
    if state.supervisor_pid() is None:
        raise not_running()
    print_json(instances.list_all())
    return 0


def run_exec(arguments: argparse.Namespace) -> int:
    session.replace_process(instances.load(arguments.id), arguments.user, arguments.argv)


def _inside(run):
    """Instances live in the lab's namespaces: go there first, then do it."""
    def run_there(arguments: argparse.Namespace) -> int:
        if namespaces.inside():
            return run(arguments)
        entry = namespaces.enter("lab", sys.argv[1:])
        os.execvp(entry[0], entry)

    return run_there


def _tag(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise UsageError(f"--tag takes K=V, not {text!r}")
    return key, value


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]+)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return float(text)


def _instance_id(text: str) -> str:
    if not ID.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an instance id (i- and 17 hexadecimal digits)")
    return text
