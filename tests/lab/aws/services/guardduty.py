"""GuardDuty: a detector and its features, coverage, sample findings, and the findings that `emit` brings in.

Sources: GuardDuty API Reference and botocore model `guardduty`; GuardDuty User Guide, "Sample findings", "Processing
findings with EventBridge" (the event's detail is the finding in its wire form), "Coverage for Amazon EC2 instance".
"""

import datetime
import json
import uuid

from lab.aws import eventbridge, model, wire
from lab.aws.modelled import ApiError, Service
from lab.aws.services import ec2

SAMPLE_TYPES = ("UnauthorizedAccess:EC2/RDPBruteForce", "Backdoor:Runtime/C&CActivity.B!DNS")
AGENT = "EC2_AGENT_MANAGEMENT"
SERVICE_ROLE = "arn:aws:iam::{account}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"

# (account, region) -> {"id", "enabled", "created", "features": {name: feature}, "findings": {finding id: wire form}}
_detectors = {}


def remember(event, account, region):
    """A finding that was emitted is there for GetFindings too; one sent again replaces the earlier one."""
    finding = event["detail"]
    if event.get("source") == "aws.guardduty" and isinstance(finding.get("id"), str):
        _detector(account, region)["findings"][finding["id"]] = finding


def _detector(account, region):
    """The account's detector in the Region; the lab's accounts have one from the beginning."""
    key = (account, region)
    if key not in _detectors:
        _detectors[key] = {"id": uuid.uuid4().hex, "enabled": True, "created": _now(), "findings": {}}
        _detectors[key]["features"] = {"RUNTIME_MONITORING": _feature("RUNTIME_MONITORING", "ENABLED", "ENABLED")}
    return _detectors[key]


def _asked(call):
    detector = _detector(call.account, call.region)
    if call.parameters["DetectorId"] != detector["id"]:
        message = "The request is rejected because the input detectorId is not owned by the current account."
        raise ApiError("BadRequestException", message)
    return detector


def _create_detector(call):
    raise ApiError("BadRequestException", "The request is rejected because a detector already exists for the account.")


def _list_detectors(call):
    return {"DetectorIds": [_detector(call.account, call.region)["id"]]}


def _get_detector(call):
    detector = _asked(call)
    return {
        "Status": "ENABLED" if detector["enabled"] else "DISABLED",
        "ServiceRole": SERVICE_ROLE.format(account=call.account),
        "CreatedAt": detector["created"],
        "FindingPublishingFrequency": "FIFTEEN_MINUTES",
        "Features": list(detector["features"].values()),
    }


def _update_detector(call):
    """What a request leaves out stays as it is."""
    detector = _asked(call)
    detector["enabled"] = call.parameters.get("Enable", detector["enabled"])
    for wanted in call.parameters.get("Features", []):
        name, before = wanted["Name"], detector["features"].get(wanted["Name"], {})
        agents = {
            a["Name"]: a["Status"]
            for a in [*before.get("AdditionalConfiguration", []), *wanted.get("AdditionalConfiguration", [])]
        }
        detector["features"][name] = _feature(name, wanted["Status"], agents.get(AGENT, "DISABLED"))


def _feature(name, status, agent):
    """Of the additional configuration only EC2's is known: GuardDuty manages its agent while the feature is on."""
    agent = agent if status == "ENABLED" else "DISABLED"
    return {"Name": name, "Status": status, "AdditionalConfiguration": [{"Name": AGENT, "Status": agent}]}


def _list_coverage(call):
    """Each running instance is watched while Runtime Monitoring is on; the criteria are not looked at."""
    detector = _asked(call)
    if detector["features"]["RUNTIME_MONITORING"]["Status"] != "ENABLED":
        return {"Resources": []}
    running = [i["id"] for i in ec2.visible(call.account, call.region) if i["state"] == "running"]
    return {"Resources": [_covered(call, detector, name) for name in running]}


def _covered(call, detector, name):
    details = {
        "InstanceId": name,
        "InstanceType": "t3.micro",
        "AgentDetails": {"Version": "1.7.1"},
        "ManagementType": "AUTO_MANAGED",
    }
    return {
        "ResourceId": name,
        "DetectorId": detector["id"],
        "AccountId": call.account,
        "ResourceDetails": {"ResourceType": "EC2", "Ec2InstanceDetails": details},
        "CoverageStatus": "HEALTHY",
        "UpdatedAt": datetime.datetime.now(datetime.UTC),
    }


def _create_sample_findings(call):
    """Samples name made-up resources and are marked in `additionalInfo`; they are published like any finding."""
    detector = _asked(call)
    for kind in call.parameters.get("FindingTypes") or SAMPLE_TYPES:
        finding = _sample(kind, call.account, call.region, detector["id"])
        detector["findings"][finding["id"]] = finding
        eventbridge.service_event("aws.guardduty", "GuardDuty Finding", finding, call.account, call.region)


def _sample(kind, account, region, detector_id):
    finding_id, now = uuid.uuid4().hex, _now()
    service = {
        "serviceName": "guardduty",
        "detectorId": detector_id,
        "additionalInfo": {"value": json.dumps({"sample": True}), "type": "default", "sample": True},
        "archived": False,
        "count": 1,
        "eventFirstSeen": now,
        "eventLastSeen": now,
        "resourceRole": "TARGET",
    }
    if ":Runtime/" in kind:
        process = {"name": "GeneratedFindingProcessName", "user": "GeneratedFindingUserName", "userId": 1000}
        process |= {"euid": 1000, "pid": 1234, "startTime": now, "lineage": []}
        service |= {"featureName": "RuntimeMonitoring", "runtimeDetails": {"process": process}}
    return {
        "schemaVersion": "2.0",
        "accountId": account,
        "region": region,
        "partition": "aws",
        "id": finding_id,
        "arn": f"arn:aws:guardduty:{region}:{account}:detector/{detector_id}/finding/{finding_id}",
        "type": kind,
        "resource": {"resourceType": "Instance", "instanceDetails": {"instanceId": "i-99999999", "tags": []}},
        "service": service,
        "severity": 8,
        "createdAt": now,
        "updatedAt": now,
        "title": f"[SAMPLE] {kind}",
        "description": f"[SAMPLE] {kind}",
    }


def _list_findings(call):
    """Criteria by equality: `type`, `id`, `service.archived` ("true"/"false"), `severity`."""
    criteria = call.parameters.get("FindingCriteria", {}).get("Criterion", {})
    found = [
        finding_id
        for finding_id, finding in _asked(call)["findings"].items()
        if all(_meets(finding, name.split("."), condition) for name, condition in criteria.items())
    ]
    return {"FindingIds": found[:50]}


def _meets(finding, path, condition):
    value = finding
    for name in path:
        value = value.get(name, {})
    text = str(value).lower() if isinstance(value, bool) else str(value)
    accepted = condition.get("Equals", condition.get("Eq"))
    return accepted is None or text in accepted


def _get_findings(call):
    """What the model does not know of an emitted finding is left out."""
    findings, shape = _asked(call)["findings"], _finding_shape()
    wanted = [findings[i] for i in call.parameters["FindingIds"] if i in findings]
    return {"Findings": [_known(wire.read(finding, shape), shape) for finding in wanted]}


def _finding_shape():
    return model.service_model("guardduty").shape_for("Finding")


def _known(value, shape):
    if shape.type_name == "structure":
        return {name: _known(item, shape.members[name]) for name, item in value.items() if name in shape.members}
    if shape.type_name == "list":
        return [_known(item, shape.member) for item in value]
    if shape.type_name == "timestamp" and isinstance(value, str):
        return datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    return value


def _set_archived(archived):
    """Archiving publishes nothing; GuardDuty does not send archived findings to EventBridge."""

    def change(call):
        findings = _asked(call)["findings"]
        for finding_id in call.parameters["FindingIds"]:
            if finding_id in findings:
                findings[finding_id].setdefault("service", {})["archived"] = archived

    return change


def _resource(call):
    """Service Authorization Reference, Amazon GuardDuty: of these only GetDetector has a resource type, `detector`."""
    if call.operation != "GetDetector":
        return "*"
    return f"arn:aws:guardduty:{call.region}:{call.account}:detector/{call.parameters['DetectorId']}"


def _now():
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


SERVICE = Service(
    name="guardduty",
    operations={
        "CreateDetector": _create_detector,
        "ListDetectors": _list_detectors,
        "GetDetector": _get_detector,
        "UpdateDetector": _update_detector,
        "ListCoverage": _list_coverage,
        "CreateSampleFindings": _create_sample_findings,
        "ListFindings": _list_findings,
        "GetFindings": _get_findings,
        "ArchiveFindings": _set_archived(True),
        "UnarchiveFindings": _set_archived(False),
    },
    resource=_resource,
    invalid_request_error="BadRequestException",
    reset=_detectors.clear,
)
