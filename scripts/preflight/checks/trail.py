"""CloudTrail: the witness of disabled users and the name of who asks for a release both come from a trail.

Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail": a trail with logging on, which logs
management events of writes.
"""

from preflight.account import ApiError, Denied
from preflight.check import Check
from preflight.result import could_not_check, ok, problem

SELECTORS = '[{"ReadWriteType":"All","IncludeManagementEvents":true}]'
# Whose records the rules of the template ask for.
SOURCES = ("ds.amazonaws.com", "ds-data.amazonaws.com", "states.amazonaws.com")


def _logs(subject):
    trails = [t for t in subject.account.items("cloudtrail", "describe_trails", "trailList") if _covers(subject, t)]
    if not trails:
        name = "adsteward"
        create = subject.aws(
            "cloudtrail", "create-trail", "--name", name, "--s3-bucket-name", "BUCKET", "--is-multi-region-trail"
        )
        start = subject.aws("cloudtrail", "start-logging", "--name", name)
        yield problem(
            "no trail covers this Region: nobody witnesses who disables users, and releases have no caller",
            f"{create} && {start}",
        )
        return
    found = [_judge(subject, trail) for trail in trails]
    # One good trail is enough; else what is known of one comes before what could not be read.
    good = [result for result in found if result.verdict.value == "ok"]
    bad = [result for result in found if result.verdict.value == "problem"]
    yield from good[:1] or bad[:1] or found[:1]


def _covers(subject, trail):
    return trail.get("IsMultiRegionTrail") or trail.get("HomeRegion") == subject.account.region


def _judge(subject, trail):
    arn, name, home = trail["TrailARN"], trail["Name"], trail.get("HomeRegion", subject.account.region)
    try:
        if not subject.account.call("cloudtrail", "get_trail_status", Name=arn).get("IsLogging"):
            return problem(
                f"trail {name} does not log: nobody witnesses who disables users, and releases have no caller",
                f"aws cloudtrail start-logging --name {arn} --region {home}",
            )
        if not _logs_writes(subject.account.call("cloudtrail", "get_event_selectors", TrailName=arn)):
            return problem(
                f"trail {name} does not log all management events of writes, so DisableUser stays unseen",
                f"aws cloudtrail put-event-selectors --trail-name {arn} --event-selectors '{SELECTORS}' --region {home}"
                "   # replaces the trail's selectors: add those to keep",
            )
    except Denied as denied:
        return could_not_check(
            f"trail {name}: these credentials may not call {denied.action}",
            f"allow {denied.action}; all that doctor needs: scripts/doctor --policy",
        )
    except ApiError as error:
        return could_not_check(f"trail {name}: {error.action} answered {error.code}: {error}")
    return ok(f"trail {name} logs management events of writes")


def _logs_writes(selectors):
    plain = any(
        s.get("IncludeManagementEvents", True)
        and s.get("ReadWriteType", "All") in ("All", "WriteOnly")
        and not set(SOURCES) & set(s.get("ExcludeManagementEventSources", []))
        for s in selectors.get("EventSelectors", [])
    )
    return plain or any(_management_writes(s) for s in selectors.get("AdvancedEventSelectors", []))


def _management_writes(selector):
    fields = {f["Field"]: f for f in selector["FieldSelectors"]}
    if "Management" not in fields.get("eventCategory", {}).get("Equals", []):
        return False
    if "true" in fields.get("readOnly", {}).get("Equals", []):
        return False
    source = fields.get("eventSource", {})
    return not set(SOURCES) & set(source.get("NotEquals", [])) and not source.get("Equals")


CHECKS = (
    Check(
        "trail",
        _logs,
        ("cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"),
        needs_stack=False,
    ),
)
