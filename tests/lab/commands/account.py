"""account, policy."""

import argparse
import os
import sys

from lab import domains, namespaces
from lab.cli import print_json
from lab.errors import UsageError

STATES = ("locked", "unlocked", "disabled", "enabled", "expired", "unexpired", "must-change", "changed")


def register(subparsers: argparse._SubParsersAction) -> None:
    account = subparsers.add_parser("account", help="users of a domain, past AWS: create, reset, set, show")
    _add_domain(account)
    actions = account.add_subparsers(dest="action", metavar="ACTION", required=True)
    for action, text in (
        ("create", "an enabled user with the password that is read from stdin"),
        ("reset", "give it the password that is read from stdin; nothing else changes"),
        ("set", "put it into a state"),
        ("show", "its state, as JSON"),
    ):
        parser = actions.add_parser(action, help=text)
        parser.add_argument("name", metavar="NAME")
        if action == "set":
            parser.add_argument("state", choices=STATES)
        parser.set_defaults(run=_inside(run_account))
    policy = subparsers.add_parser("policy", help="a domain's policy on passwords and lock-outs")
    _add_domain(policy)
    policy.add_argument("--lockout-threshold", type=int, metavar="N", help="wrong passwords that lock an account; 0: none")
    policy.add_argument("--lockout-seconds", type=int, metavar="S", help="how long, and how long they are counted")
    policy.add_argument("--least-length", type=int, metavar="N", help="of a password")
    policy.set_defaults(run=_inside(run_policy))


def run_account(arguments: argparse.Namespace) -> int:
    from lab import accounts  # the LDAP library takes time, which other commands do without

    domain, name = arguments.domain, arguments.name
    if arguments.action in ("create", "reset"):
        password = sys.stdin.readline().rstrip("\n")
        if not password:
            raise UsageError("the password is read from stdin")
        {"create": accounts.create, "reset": accounts.reset}[arguments.action](domain, name, password)
    elif arguments.action == "set":
        accounts.set_state(domain, name, arguments.state)
    else:
        print_json(accounts.show(domain, name))
    return 0


def run_policy(arguments: argparse.Namespace) -> int:
    from lab import accounts

    wanted = (arguments.lockout_threshold, arguments.lockout_seconds, arguments.least_length)
    if wanted == (None, None, None):
        raise UsageError("policy needs at least one option")
    accounts.set_policy(arguments.domain, *wanted)
    return 0


def _add_domain(parser: argparse.ArgumentParser) -> None:
    chosen = parser.add_mutually_exclusive_group()
    for option, domain, text in (("--simple", domains.SIMPLE, "Simple AD"), ("--trusted", domains.TRUSTED, "trusted forest")):
        chosen.add_argument(
            option, dest="domain", action="store_const", const=domain, default=domains.MANAGED,
            help=f"of the {text} (default: AWS Managed Microsoft AD)",
        )  # fmt: skip


def _inside(run):
    """The directories answer in the lab's network only: go there first."""

    def run_there(arguments: argparse.Namespace) -> int:
        if namespaces.inside():
            return run(arguments)
        entry = namespaces.enter("lab", sys.argv[1:])
        os.execvp(entry[0], entry)

    return run_there
