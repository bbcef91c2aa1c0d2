"""The command line of scripts/smoke-aws, and the order of things."""

import argparse
import subprocess
from pathlib import Path

from preflight import access
from preflight import stack as stacks
from preflight.account import Account
from smoke import deployment, sample
from smoke.talk import Failed, Person, head, say

STACK = "adsteward-smoke"


def main(words: list[str]) -> int:
    options = _parser().parse_args(words)
    account, person = Account(options.region), Person(options.yes)
    try:
        account_id, caller = access.identify(account)
    except access.Stop as stop:
        raise Failed(f"{stop.result.sentence}; {stop.result.fix}") from None
    if stacks.find(account, options.stack) is not None:
        raise Failed(f"a stack {options.stack} is there already: name another with --stack, or remove it first")
    _explain(options, account, account_id, caller)
    person.must_agree(f"Deploy stack {options.stack} to account {account_id}?")
    template = options.template or deployment.build()

    head("deploying")
    parameters = {"DirectoryId": options.directory, "NotificationEmail": options.email, "Mode": "observe"}
    deployment.deploy(account, options.stack, template.resolve(), options.s3_bucket, parameters)
    stack = stacks.find(account, options.stack)
    if stack is None or not stack.status.endswith("_COMPLETE"):
        raise Failed(f"stack {options.stack} is not complete")
    try:
        well = _try_out(options, account, person, stack)
    finally:
        head("removing")
        if not options.keep and person.agrees(f"Remove stack {options.stack} and its decision table?"):
            deployment.remove(account, options.stack, stack.outputs["DecisionTableName"])
        else:
            say(
                f"stack {options.stack} stays, and observes; remove it with: "
                f"aws cloudformation delete-stack --stack-name {options.stack} --region {account.region}"
            )
    head(
        "it works as far as this goes"
        if well
        else "the sample was refused as it should be; see doctor's problems above"
    )
    return 0 if well else 1


def _explain(options, account, account_id, caller):
    say(f"Account {account_id}, Region {account.region}, as {caller}.")
    say("This was never run against AWS by those who wrote it. It deploys in mode observe: it disables nobody.")
    deployment.tell_what_it_costs(deployment.ROOT / "template.yaml")
    say(f"It sends one GuardDuty sample finding ({sample.KIND}). All that listens to GuardDuty here hears it:")
    say("Security Hub, a SIEM, whoever is on call. Tell them.")


def _try_out(options, account, person, stack):
    """Whether doctor is content. The sample that is not refused ends the test."""
    person.waits_for(f"AWS has sent {options.email} a mail: confirm the subscription there.")
    head("scripts/doctor")
    doctor = [deployment.ROOT / "scripts" / "doctor", "--stack", stack.name, "--region", account.region]
    well = subprocess.run(doctor, check=False).returncode == 0

    head("sample finding")
    person.must_agree("Send the sample finding?")
    sample.send(account)
    say("sent; waiting for the decision, which may take some minutes")
    record = sample.decision(account, stack)
    sample.tell(record)
    say(f"  executions {sample.executions(account, stack)}")
    if (record["decision"], record["reason"]) != ("refuse", "sample"):
        raise Failed("the sample was not refused as a sample")
    say(f"archived sample findings of this type: {sample.archive(account)}")
    return well


def _parser():
    parser = argparse.ArgumentParser(
        prog="scripts/smoke-aws",
        description="Deploys adsteward to your account in mode observe, sends it a GuardDuty sample finding, and "
        "removes it again. Never run against AWS by those who wrote it.",
        epilog="Exit code 0: the sample was refused and doctor found no problem, 1: not so, 2: wrong usage.",
    )
    parser.add_argument("--directory", metavar="ID", required=True, help="the AWS Managed Microsoft AD")
    parser.add_argument("--email", metavar="ADDRESS", required=True, help="where notices go")
    parser.add_argument(
        "--region", metavar="R", help="the directory's primary Region (default: that of the AWS settings)"
    )
    parser.add_argument(
        "--stack", metavar="NAME", default=STACK, help=f"name of the stack that is made (default {STACK})"
    )
    parser.add_argument("--yes", action="store_true", help="answer every question with yes")
    parser.add_argument("--keep", action="store_true", help="leave the stack there")
    parser.add_argument(
        "--template", metavar="FILE", type=Path, help="an already built template instead of scripts/build"
    )
    parser.add_argument("--s3-bucket", metavar="NAME", help="a bucket for the code instead of sam's own")
    return parser
