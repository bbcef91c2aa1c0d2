"""The command line of scripts/doctor."""

import argparse
import sys

import botocore.exceptions

from preflight import access, policy
from preflight.account import Account
from preflight.checks import CHECKS
from preflight.report import Report, as_json
from preflight.result import Verdict

STACK = "adsteward"
EPILOG = "Exit code 0: no problem was found, 1: there is one, 2: wrong usage."


def main(words: list[str]) -> int:
    options = _parser().parse_args(words)
    try:
        account = Account(options.region)
    except botocore.exceptions.BotoCoreError as unusable:
        print(f"scripts/doctor: the AWS settings cannot be used: {unusable}", file=sys.stderr)
        return 1
    stack_name = options.stack or STACK
    if options.policy:
        partition = account.partition if account.region else "aws"
        print(policy.text(CHECKS, stack_name, options.directory, partition))
        return 0
    report = None if options.json else Report(sys.stdout)
    results = []

    def tell(name, result):
        results.append((name, result))
        if report:
            report.add(name, result)

    heading = {"stack": stack_name, "region": account.region}
    if report:
        report.heading(f"adsteward: stack {stack_name}, Region {account.region or 'none'}")
    try:
        _look(account, options, stack_name, tell)
    except access.Stop as stop:
        tell("credentials", stop.result)
    if report:
        report.end()
    else:
        print(as_json(heading, results))
    return 1 if any(result.verdict is Verdict.PROBLEM for _, result in results) else 0


def _look(account, options, stack_name, tell):
    caller = access.identify(account)
    subject, found = access.open_subject(account, caller, stack_name, options.stack is not None, options.directory)
    subject.instances_tagged = options.instances_tagged
    for name, result in found:
        tell(name, result)
    for check in CHECKS:
        if subject.stack is not None or not check.needs_stack:
            for result in check.answers(subject):
                tell(check.name, result)


def _parser():
    parser = argparse.ArgumentParser(
        prog="scripts/doctor",
        epilog=EPILOG,
        description="Looks at everything that adsteward relies on and names the fix of what is wrong. It only reads.",
    )
    parser.add_argument("--stack", metavar="NAME", help=f"the deployed stack (default {STACK}, if there is one)")
    parser.add_argument("--directory", metavar="ID", help="the directory, before there is a stack")
    parser.add_argument(
        "--region", metavar="R", help="the directory's primary Region (default: that of the AWS settings)"
    )
    parser.add_argument(
        "--instances-tagged",
        metavar="KEY[=VALUE]",
        type=_tag,
        help="look only at instances with this tag, where others in the account are no concern",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--policy", action="store_true", help="print the IAM policy that doctor needs, and do nothing else"
    )
    return parser


def _tag(text):
    key, given, value = text.partition("=")
    if not key:
        raise argparse.ArgumentTypeError("a tag is KEY or KEY=VALUE")
    return key, value if given else None
