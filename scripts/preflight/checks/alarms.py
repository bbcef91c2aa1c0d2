"""CloudWatch: which alarms of the stack ring, and whether they can be heard."""

from preflight.check import Check
from preflight.result import notice, ok, problem, warning

AT_ONCE = 100


def _alarms(subject):
    names = [a.physical_id for a in subject.stack.of_kind("AWS::CloudWatch::Alarm")]
    if not names:
        yield notice("the stack has no alarms")
        return
    alarms = [
        a
        for start in range(0, len(names), AT_ONCE)
        for a in subject.account.items(
            "cloudwatch", "describe_alarms", "MetricAlarms", AlarmNames=names[start : start + AT_ONCE]
        )
    ]
    ringing = [a for a in alarms if a["StateValue"] == "ALARM"]
    for alarm in ringing:
        yield problem(
            f"the alarm {alarm['AlarmName']} rings: {alarm.get('AlarmDescription') or alarm.get('StateReason', '')}",
            subject.aws("cloudwatch", "describe-alarm-history", "--alarm-name", alarm["AlarmName"]),
        )
    for alarm in alarms:
        if not alarm.get("ActionsEnabled", True):
            yield problem(
                f"the actions of the alarm {alarm['AlarmName']} are off: nobody hears it",
                subject.aws("cloudwatch", "enable-alarm-actions", "--alarm-names", alarm["AlarmName"]),
            )
    if gone := sorted(set(names) - {a["AlarmName"] for a in alarms}):
        yield warning(
            f"alarms are gone: {', '.join(gone)}",
            subject.aws("cloudformation", "detect-stack-drift", "--stack-name", subject.stack.name),
        )
    if not ringing:
        yield ok(f"none of {len(alarms)} alarms rings")


CHECKS = (Check("alarms", _alarms, ("cloudwatch:DescribeAlarms",)),)
