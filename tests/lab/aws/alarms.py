"""CloudWatch alarms: ministack looks at all dimensions together, at one period and not at missing data.

Source: CloudWatch User Guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data". The lab evaluates
when it is asked to (`scripts/lab alarms`), not each minute: a test decides when a minute is over.
"""

import time

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from lab import settings
from lab.aws import metrics

COMPARE = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


def install():
    """Replace ministack's evaluation, wherever it calls it."""
    cloudwatch._evaluate_alarm = _evaluate


def evaluate():
    """Evaluate all alarms of the lab's account now, and act; what each then says."""
    with request_scope(settings.ACCOUNT_ID, settings.REGION):
        metrics.sample_queues()
        alarms = sorted(cloudwatch._alarms.values(), key=lambda alarm: alarm["AlarmName"])
        for alarm in alarms:
            _evaluate(alarm)
        return [
            {"name": alarm["AlarmName"], "state": alarm["StateValue"], "reason": alarm["StateReason"]}
            for alarm in alarms
        ]


def _evaluate(alarm):
    now, old = time.time(), alarm["StateValue"]
    new, reason = _state(alarm, now)
    if new == old:
        return
    alarm.update(StateValue=new, StateReason=reason, StateUpdatedTimestamp=int(now))
    cloudwatch._record_history(alarm["AlarmName"], old, new, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, new, reason)


def _state(alarm, now):
    """The state that the latest datapoints lead to, and why."""
    values = [_value(alarm, now, age) for age in range(alarm["EvaluationPeriods"])]
    breaches = COMPARE[alarm["ComparisonOperator"]]
    found = [value for value in values if value is not None]
    needed = alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"]
    treat, missing = alarm["TreatMissingData"], len(values) - len(found)
    if not found and treat in ("missing", "ignore"):
        return ("INSUFFICIENT_DATA" if treat == "missing" else alarm["StateValue"]), "no datapoints"
    bad = sum(breaches(value, alarm["Threshold"]) for value in found) + (missing if treat == "breaching" else 0)
    reason = f"Threshold Crossed: {bad} of {len(values)} datapoints {values} were not within {alarm['Threshold']}"
    return ("ALARM" if bad >= needed else "OK"), reason


def _value(alarm, now, age):
    """The statistic of the period that ended `age` periods ago, None without data."""
    key = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(cloudwatch._dims_from_list(alarm["Dimensions"])))
    end = now - age * alarm["Period"]
    points = [p for p in cloudwatch._metrics.get(key) or [] if end - alarm["Period"] < p["Timestamp"] <= end]
    statistic = alarm.get("ExtendedStatistic") or alarm["Statistic"]
    return cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points) if points else None
