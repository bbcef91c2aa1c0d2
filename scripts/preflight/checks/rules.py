"""EventBridge: each rule of the stack is enabled and has a target."""

from preflight.account import ApiError
from preflight.check import Check
from preflight.result import ok, problem


def _enabled(subject):
    rules = subject.stack.of_kind("AWS::Events::Rule")
    wrong = [result for rule in rules if (result := _judge(subject, rule)) is not None]
    yield from wrong or [ok(f"{len(rules)} event rules are enabled and have targets")]


def _judge(subject, rule):
    bus, _, name = rule.physical_id.rpartition("|")
    where = {"EventBusName": bus} if bus else {}
    options = ("--name", name, *(("--event-bus-name", bus) if bus else ()))
    try:
        state = subject.account.call("events", "describe_rule", Name=name, **where)["State"]
    except ApiError as error:
        if error.code != "ResourceNotFoundException":
            raise
        return problem(
            f"the rule {name} ({rule.logical_id}) is gone",
            "sam deploy with the rule taken out of template.yaml, then again with it",
        )
    if state == "DISABLED":
        return problem(
            f"the rule {name} ({rule.logical_id}) is disabled: its events start nothing",
            subject.aws("events", "enable-rule", *options),
        )
    if not list(subject.account.items("events", "list_targets_by_rule", "Targets", Rule=name, **where)):
        return problem(
            f"the rule {name} ({rule.logical_id}) has no target: its events start nothing",
            subject.aws("cloudformation", "detect-stack-drift", "--stack-name", subject.stack.name)
            + "   # then put its target back",
        )
    return None


CHECKS = (Check("event rules", _enabled, ("events:DescribeRule", "events:ListTargetsByRule")),)
