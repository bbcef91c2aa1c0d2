"""The first questions: are there credentials and a Region, who are we, and is there a stack?"""

import botocore.exceptions

from preflight import stack as stacks
from preflight.account import Account, ApiError, Denied, Unreachable
from preflight.result import Result, could_not_check, notice, ok, problem
from preflight.subject import Subject

EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired")


class Stop(Exception):
    """Nothing further can be asked."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.sentence)
        self.result = result


def identify(account: Account) -> tuple[str, str]:
    """Account id and ARN of the caller."""
    if not account.region:
        raise Stop(problem("no Region is set", "scripts/doctor --region eu-west-1   # the directory's primary Region"))
    try:
        caller = account.call("sts", "get_caller_identity")
    except (botocore.exceptions.NoCredentialsError, botocore.exceptions.PartialCredentialsError):
        raise Stop(problem("there are no AWS credentials", "aws configure sso   # or set AWS_PROFILE")) from None
    except botocore.exceptions.BotoCoreError as error:
        raise Stop(
            problem(f"the AWS credentials cannot be used: {error}", "aws sso login   # or set AWS_PROFILE")
        ) from None
    except Unreachable as error:
        raise Stop(
            could_not_check(
                f"AWS cannot be reached in Region {account.region}: {error}",
                "look at --region, the network and any proxy",
            )
        ) from None
    except ApiError as error:
        fix = (
            "aws sso login   # or renew them where they came from"
            if error.code in EXPIRED
            else "set AWS_PROFILE to valid ones"
        )
        raise Stop(problem(f"AWS refuses the credentials: {error.code}", fix)) from None
    return caller["Account"], caller["Arn"]


def open_subject(account: Account, caller: tuple[str, str], stack_name: str, named: bool, directory_id: str | None):
    """The subject, and what was found out on the way to it. `named`: the user asked for this very stack."""
    account_id, arn = caller
    results = [("credentials", ok(f"{arn}, Region {account.region}"))]
    stack = None
    try:
        stack = stacks.find(account, stack_name)
    except Denied as denied:
        results.append(
            (
                "stack",
                could_not_check(
                    f"these credentials may not call {denied.action}",
                    f"allow {denied.action}; all that doctor needs: scripts/doctor --policy",
                ),
            )
        )
    else:
        if stack is None and named:
            results.append(
                (
                    "stack",
                    problem(
                        f"there is no stack {stack_name} in account {account_id}, Region {account.region}",
                        "name the right one with --stack and --region, or leave --stack out before the deployment",
                    ),
                )
            )
        elif stack is None:
            results.append(
                ("stack", notice(f"no stack {stack_name} here: looking at what must be there before the deployment"))
            )
    deployed = stack.parameters.get("DirectoryId") if stack else None
    if stack and directory_id and deployed != directory_id:
        results.append(
            (
                "stack",
                problem(
                    f"the stack's directory is {deployed}, not {directory_id}",
                    f"deploy with DirectoryId={directory_id}",
                ),
            )
        )
    subject = Subject(account, stack, directory_id or deployed, identity=arn, account_id=account_id)
    return subject, results
