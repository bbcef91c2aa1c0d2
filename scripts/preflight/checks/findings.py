"""GuardDuty: a detector that watches what runs on EC2 instances."""

from preflight.check import Check
from preflight.result import notice, ok, problem, warning

FEATURE = "RUNTIME_MONITORING"
AGENT = "EC2_AGENT_MANAGEMENT"
ENABLE = f"Name={FEATURE},Status=ENABLED,AdditionalConfiguration=[{{Name={AGENT},Status=ENABLED}}]"


def _detector(subject):
    detector_id = next(subject.account.items("guardduty", "list_detectors", "DetectorIds"), None)
    if detector_id is None:
        yield problem(
            "GuardDuty is not enabled in this Region",
            subject.aws("guardduty", "create-detector", "--enable", "--features", ENABLE),
        )
        return
    detector = subject.account.call("guardduty", "get_detector", DetectorId=detector_id)
    update = ("guardduty", "update-detector", "--detector-id", detector_id)
    if detector["Status"] != "ENABLED":
        yield problem("GuardDuty's detector is suspended: there are no findings", subject.aws(*update, "--enable"))
        return
    features = {f["Name"]: f for f in detector.get("Features", [])}
    monitoring = features.get(FEATURE, {})
    if monitoring.get("Status") != "ENABLED":
        yield problem(
            "GuardDuty's Runtime Monitoring is off: nothing that happens on an instance becomes a finding",
            subject.aws(*update, "--features", ENABLE),
        )
        return
    managed = {a["Name"]: a.get("Status") for a in monitoring.get("AdditionalConfiguration", [])}
    if managed.get(AGENT) == "ENABLED":
        yield ok("GuardDuty's Runtime Monitoring is on, and puts its agent on EC2 instances")
    else:
        yield warning(
            "GuardDuty's Runtime Monitoring is on, but its agent comes to EC2 instances only by hand",
            subject.aws(*update, "--features", ENABLE),
        )
    yield from _coverage(subject, detector_id)


def _coverage(subject, detector_id):
    criteria = {"FilterCriterion": [{"CriterionKey": "RESOURCE_TYPE", "FilterCondition": {"Equals": ["EC2"]}}]}
    covered = list(
        subject.account.items(
            "guardduty", "list_coverage", "Resources", DetectorId=detector_id, FilterCriteria=criteria
        )
    )
    unhealthy = [r for r in covered if r["CoverageStatus"] != "HEALTHY"]
    if not covered:
        yield notice("GuardDuty watches the processes of no instance here yet")
    for resource in unhealthy[:10]:
        instance = (
            resource.get("ResourceDetails", {}).get("Ec2InstanceDetails", {}).get("InstanceId", resource["ResourceId"])
        )
        yield warning(
            f"GuardDuty does not see the processes of {instance}: {resource.get('Issue') or 'no issue given'}",
            "see the GuardDuty User Guide, 'Troubleshooting Amazon EC2 runtime coverage issues'",
        )
    if covered and not unhealthy:
        yield ok(f"GuardDuty sees the processes of {len(covered)} instance{'s' if len(covered) > 1 else ''}")


CHECKS = (
    Check(
        "GuardDuty",
        _detector,
        ("guardduty:ListDetectors", "guardduty:GetDetector", "guardduty:ListCoverage"),
        needs_stack=False,
    ),
)
