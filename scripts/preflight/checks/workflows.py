"""Step Functions: each state machine can start, how its last executions ended, and how many may be started."""

import datetime
import itertools

from preflight.check import Check
from preflight.result import could_not_check, ok, problem, warning

RECENT = datetime.timedelta(days=1)
LOOKED_AT = 100
# Step Functions Developer Guide, "Quotas": what a new account has at least.
ENOUGH_OPEN = 1000


def _machines(subject):
    machines = [m.physical_id for m in subject.stack.of_kind("AWS::StepFunctions::StateMachine")]
    wrong = [result for arn in machines for result in _judge(subject, arn)]
    yield from wrong or [ok(f"{len(machines)} state machines are active, and no execution failed in the last day")]


def _judge(subject, arn):
    name = arn.rpartition(":")[2]
    status = subject.account.call("stepfunctions", "describe_state_machine", stateMachineArn=arn)["status"]
    if status != "ACTIVE":
        yield problem(f"state machine {name} is {status}", "wait until it is gone, then sam deploy")
        return
    since = datetime.datetime.now(datetime.timezone.utc) - RECENT
    for state in ("FAILED", "TIMED_OUT", "ABORTED"):
        found = subject.account.items(
            "stepfunctions", "list_executions", "executions", stateMachineArn=arn, statusFilter=state
        )
        # The newest come first.
        recent = list(itertools.takewhile(lambda e: e["startDate"] >= since, itertools.islice(found, LOOKED_AT)))
        if recent:
            count = f"{len(recent)}{'+' if len(recent) == LOOKED_AT else ''} execution{'s' if len(recent) > 1 else ''}"
            yield warning(
                f"{count} of {name} ended {state} in the last day; the last: {recent[0]['name']}",
                subject.aws("stepfunctions", "describe-execution", "--execution-arn", recent[0]["executionArn"]),
            )


def _quota(subject):
    quotas = list(subject.account.items("service-quotas", "list_service_quotas", "Quotas", ServiceCode="states"))
    limit = next((q for q in quotas if "open executions" in q["QuotaName"].lower()), None)
    if limit is None:
        yield could_not_check("Service Quotas does not tell how many executions may be open")
    elif limit["Value"] >= ENOUGH_OPEN:
        yield ok(f"{limit['Value']:,.0f} executions may be open at a time")
    else:
        yield warning(
            f"only {limit['Value']:,.0f} executions may be open at a time",
            subject.aws(
                "service-quotas",
                "request-service-quota-increase",
                "--service-code",
                "states",
                "--quota-code",
                limit["QuotaCode"],
                "--desired-value",
                "1000000",
            ),
        )


CHECKS = (
    Check("state machines", _machines, ("states:DescribeStateMachine", "states:ListExecutions")),
    Check("executions quota", _quota, ("servicequotas:ListServiceQuotas",), needs_stack=False),
)
