"""When a secret is rotated next.

Sources: Secrets Manager API Reference, RotationRulesType and DescribeSecret ("NextRotationDate": on or before this date;
in the past when rotation failed); User Guide, "Rotation schedules" (rate: from four hours on, the window starts at
midnight; it closes after an hour for a schedule in hours, at the end of the UTC day for one in days, or after Duration).
"""

import datetime
import re

from ministack.services import eventbridge

from lab.aws.modelled import ApiError

_RATE = re.compile(r"rate\((\d+) (day|hour)s?\)")
_LEAST_HOURS = 4
_DAY, _HOUR = datetime.timedelta(days=1), datetime.timedelta(hours=1)


def check(rules):
    """Refuse rules that Secrets Manager refuses."""
    expression, days = rules.get("ScheduleExpression"), rules.get("AutomaticallyAfterDays")
    if expression and days:
        raise _wrong("You can't specify both AutomaticallyAfterDays and ScheduleExpression.")
    if expression is None:
        return
    rate = _RATE.fullmatch(expression)
    if rate is None and eventbridge._parse_cron_fields(expression) is None:
        raise _wrong(f"The ScheduleExpression {expression} is not valid.")
    if rate and rate[2] == "hour" and int(rate[1]) < _LEAST_HOURS:
        raise _wrong("The rotation interval must be at least four hours.")


def with_days(rules):
    """As DescribeSecret shows them: AutomaticallyAfterDays is calculated from a rate in days."""
    rate = _RATE.fullmatch(rules.get("ScheduleExpression", ""))
    return rules | {"AutomaticallyAfterDays": int(rate[1])} if rate and rate[2] == "day" else rules


def next_date(rules, last):
    """The end of the window that follows the rotation (or change by hand) at the time `last`; None without rules."""
    since = datetime.datetime.fromtimestamp(last, datetime.UTC)
    expression = rules.get("ScheduleExpression", f"rate({rules.get('AutomaticallyAfterDays', 0)} days)")
    if expression == "rate(0 days)":
        return None
    rate = _RATE.fullmatch(expression)
    if rate and rate[2] == "day":
        start, in_hours = _midnight(since + int(rate[1]) * _DAY), False
    elif rate:
        start, in_hours = since.replace(minute=0, second=0, microsecond=0) + int(rate[1]) * _HOUR, True
    else:
        fields = eventbridge._parse_cron_fields(expression)
        start, in_hours = eventbridge._cron_next_fire(fields, since), len(fields[1]) > 1
    return _end(start, rules.get("Duration"), in_hours).timestamp()


def _end(start, duration, in_hours):
    if duration:
        return start + int(duration.removesuffix("h")) * _HOUR
    return start + _HOUR if in_hours else _midnight(start) + _DAY - datetime.timedelta(seconds=1)


def _midnight(moment):
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _wrong(message):
    return ApiError("InvalidParameterException", message)
