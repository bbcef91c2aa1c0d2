"""The stack itself: its state, its parameters, and whether what runs is still what was deployed."""

import json

from preflight.check import Check
from preflight.result import notice, ok, problem, warning
from preflight.stack import RESPONDER

# Variables of the responder that come straight from a parameter.
VARIABLES = {
    "DIRECTORY_ID": "DirectoryId",
    "MODE": "Mode",
    "FINDING_TYPES": "FindingTypes",
    "MINIMUM_SEVERITY": "MinimumSeverity",
    "PROTECTED_USERS": "ProtectedUsers",
    "PROTECTED_GROUP": "ProtectedGroup",
    "HOURLY_BUDGET": "HourlyBudget",
    "ID_MAPPING": "IdMapping",
}
ALWAYS_PROTECTED = ("Admin", "Administrator", "krbtgt")


def _status(subject):
    stack = subject.stack
    events = subject.aws("cloudformation", "describe-stack-events", "--stack-name", stack.name)
    if stack.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"):
        yield ok(f"stack {stack.name} is {stack.status}")
    elif stack.status.endswith("_IN_PROGRESS"):
        yield warning(f"stack {stack.name} is {stack.status}", "wait for its end, then run doctor again")
    elif stack.status == "UPDATE_ROLLBACK_COMPLETE":
        yield warning("the last deployment was rolled back: the one before is in place", events)
    else:
        yield problem(f"stack {stack.name} is {stack.status}", f"{events}   # then deploy again")
    for resource in stack.resources:
        if resource.status.endswith("_FAILED"):
            yield problem(f"{resource.logical_id} is {resource.status}", events)


def _drift(subject):
    stack = subject.stack
    yield from _variables(subject)
    if stack.drift == "NOT_CHECKED":
        yield notice(
            "CloudFormation has not been asked whether resources were changed by hand",
            subject.aws("cloudformation", "detect-stack-drift", "--stack-name", stack.name),
        )
    elif stack.drift == "DRIFTED":
        found = subject.account.items(
            "cloudformation",
            "describe_stack_resource_drifts",
            "StackResourceDrifts",
            StackName=stack.name,
            StackResourceDriftStatusFilters=["MODIFIED", "DELETED"],
        )
        names = ", ".join(f"{d['LogicalResourceId']} ({d['StackResourceDriftStatus'].lower()})" for d in found)
        yield problem(
            f"resources were changed by hand: {names}",
            subject.aws("cloudformation", "describe-stack-resource-drifts", "--stack-name", stack.name)
            + "   # then put each back as the template has it",
        )
    else:
        yield ok("when CloudFormation last looked, resources were as deployed")


def _variables(subject):
    running, parameters = subject.stack.configuration, subject.stack.parameters
    wanted = {v: _joined(parameters[p]) for v, p in VARIABLES.items() if p in parameters}
    wrong = {variable: value for variable, value in wanted.items() if running.get(variable) != value}
    if not wrong:
        yield ok("the responder runs with the stack's parameters")
        return
    changed = ", ".join(f"{v} is {running.get(v, 'absent')!r}, not {value!r}" for v, value in wrong.items())
    variables = json.dumps({"Variables": running | wrong}, separators=(",", ":"))
    name = subject.stack.physical_id(RESPONDER)
    yield problem(
        f"the responder was changed by hand: {changed}",
        subject.aws("lambda", "update-function-configuration", "--function-name", name, "--environment", variables),
    )


def _joined(value):
    """CloudFormation takes the spaces off the members of a list."""
    return ",".join(member.strip() for member in value.split(","))


def _parameters(subject):
    parameters, found = subject.stack.parameters, []
    names = [name.lower() for name in parameters.get("ProtectedUsers", "").split(",")]
    if missing := [name for name in ALWAYS_PROTECTED if name.lower() not in names]:
        found.append(
            warning(
                f"{', '.join(missing)} could be disabled: not among ProtectedUsers",
                subject.deploy(
                    ProtectedUsers=",".join([*filter(None, parameters.get("ProtectedUsers", "").split(",")), *missing])
                ),
            )
        )
    if float(parameters.get("HourlyBudget", "5")) > 50:
        found.append(
            warning(
                f"HourlyBudget lets {parameters['HourlyBudget']} users be disabled in an hour",
                subject.deploy(HourlyBudget="5"),
            )
        )
    if parameters.get("IdMapping") == "unchecked":
        found.append(
            notice("IdMapping is unchecked: user ids are not compared with SIDs", subject.deploy(IdMapping="sssd"))
        )
    if float(parameters.get("WitnessDelaySeconds", "300")) < 240:
        found.append(
            notice(
                f"the witness waits only {parameters['WitnessDelaySeconds']} s, so a notice may come twice",
                subject.deploy(WitnessDelaySeconds="300"),
            )
        )
    if float(parameters.get("CallerWaitSeconds", "900")) < 300:
        found.append(
            warning(
                f"a release waits only {parameters['CallerWaitSeconds']} s for its caller; CloudTrail takes minutes",
                subject.deploy(CallerWaitSeconds="900"),
            )
        )
    if float(parameters.get("ApprovalSeconds", "3600")) < 300:
        found.append(
            warning(
                f"a person has only {parameters['ApprovalSeconds']} s to answer", subject.deploy(ApprovalSeconds="3600")
            )
        )
    yield from found or [ok("the parameters are sane")]


CHECKS = (
    Check("stack", _status, ("cloudformation:DescribeStacks", "cloudformation:ListStackResources")),
    Check("drift", _drift, ("lambda:GetFunctionConfiguration", "cloudformation:DescribeStackResourceDrifts")),
    Check("parameters", _parameters),
)
