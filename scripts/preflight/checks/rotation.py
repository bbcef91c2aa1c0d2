"""Rotation of passwords: that each secret which names the function is rotated, and in time."""

import datetime

from preflight.check import Check
from preflight.result import notice, ok, problem, warning

FUNCTION = "SecretRotatorFunction"
# As rotation-watcher counts: a fifth of the period after the last date, for a schedule by cron a day.
LATE_PART = 5
LATE_BY_CRON = datetime.timedelta(days=1)


def _rotated(subject):
    name = subject.stack.physical_id(FUNCTION)
    if name is None:
        yield notice("the stack rotates no passwords (RotationVpcId is not given)")
        return
    arn = subject.account.call("lambda", "get_function_configuration", FunctionName=name)["FunctionArn"]
    secrets = [s for s in subject.account.items("secretsmanager", "list_secrets", "SecretList") if _names(s, arn)]
    if not secrets:
        yield warning(
            f"no secret names the function {name}: nothing is rotated",
            subject.aws("secretsmanager", "rotate-secret", "--secret-id", "NAME", "--rotation-lambda-arn", arn)
            + " --rotation-rules AutomaticallyAfterDays=30",
        )
        return
    wrong = [result for secret in secrets for result in _judge(subject, secret)]
    yield from wrong or [ok(f"{len(secrets)} secrets are rotated in time")]


def _names(secret, arn):
    named = secret.get("RotationLambdaARN", "")
    return named == arn or named.startswith(f"{arn}:")


def _judge(subject, secret):
    again = subject.aws("secretsmanager", "rotate-secret", "--secret-id", secret["Name"])
    if not secret.get("RotationEnabled"):
        yield problem(f"rotation of {secret['Name']} is turned off: its password stays as it is", again)
    elif (due := secret.get("NextRotationDate")) and _now() > due + _late(secret.get("RotationRules", {})):
        last = secret.get("LastRotatedDate")
        since = f"since {last:%Y-%m-%d}" if last else "ever"
        yield problem(
            f"{secret['Name']} was due for rotation on {due:%Y-%m-%d}, and was not rotated {since}",
            f"{again}   # and see RUNBOOK.md#rotation-failed if that fails",
        )
    elif _is_unfinished(secret):
        yield warning(
            f"a rotation of {secret['Name']} is not finished: AWSPENDING is on a version of its own",
            "wait for Secrets Manager, which repeats it; then see RUNBOOK.md#rotation-failed",
        )


def _late(rules):
    days = rules.get("AutomaticallyAfterDays")
    return datetime.timedelta(days=days) / LATE_PART if days else LATE_BY_CRON


def _is_unfinished(secret):
    labels = secret.get("SecretVersionsToStages", {}).values()
    return any("AWSPENDING" in stages and "AWSCURRENT" not in stages for stages in labels)


def _now():
    return datetime.datetime.now(datetime.timezone.utc)


CHECKS = (Check("rotation", _rotated, ("lambda:GetFunctionConfiguration", "secretsmanager:ListSecrets")),)
