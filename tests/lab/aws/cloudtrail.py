"""CloudTrail records of management write calls, delivered to EventBridge while a trail is logging.

Sources: CloudTrail User Guide, "Record contents" and "Management events"; EventBridge User Guide, "AWS service events
delivered via AWS CloudTrail" (read-only calls are not delivered; the source is `aws.` + the service's endpoint prefix).
The account's trail is made at start, as the README's prerequisites ask of a real account.
"""

import json
import re
import threading
import uuid

from lab.aws import eventbridge, ledger, model, secrets
from lab.aws.caller import user_identity

TRAIL = "lab-trail"
# Delivery takes minutes on AWS; long enough here that a caller has its answer first.
DELIVERY_SECONDS = 0.3

_READ_ONLY = re.compile(
    "BatchGet|Check|Decode|Describe|Detect|Estimate|Filter|Get|Head|List|Lookup|Query|Scan|Search|Select|Simulate|Test|"
    "Validate|Verify"
)
# Data events, which a trail does not log by default ("Logging data events").
_DATA_EVENTS = {
    "dynamodb": re.compile(r"(Batch|Put|Update|Delete|Transact|Execute|Partiql)\w*(Item|Items|Statement|Transaction)$"),
    "events": re.compile("PutEvents$"),
    "lambda": re.compile("Invoke"),
    "logs": re.compile("PutLogEvents$"),
    "cloudwatch": re.compile("PutMetricData$"),
    "s3": re.compile(r".*(Object|Objects|MultipartUpload|UploadPart)"),
    "sns": re.compile("Publish"),
    "sqs": re.compile(r"(Send|Receive|Delete|ChangeMessageVisibility)\w*Message|ChangeMessageVisibility"),
    "stepfunctions": re.compile(r"SendTask|InvokeHTTPEndpoint"),
}
# Directory Service Data calls are recorded under the Directory Service's own name.
_EVENT_SOURCES = {"ds-data": "ds"}


def make_trail(account, region):
    """A multi-Region trail that logs; without one EventBridge receives no API calls."""
    from ministack.core.responses import request_scope
    from ministack.services import cloudtrail

    with request_scope(account, region):
        cloudtrail._create_trail({"Name": TRAIL, "S3BucketName": f"{TRAIL}-{account}", "IsMultiRegionTrail": True})
        cloudtrail._start_logging({"Name": TRAIL})


def record(request, caller, account, region, request_id, error, answer):
    """Deliver the call's record a moment later; `answer` is the response body of a JSON service."""
    if not _is_management_write(request) or not _is_logging(account, region):
        return
    event = _event(request, caller, account, region, request_id, error, answer)
    _deliver(eventbridge.publish, event, account, region)


def record_service_event(service, name, additional, account, region):
    """What a service did without being called (CloudTrail User Guide, "AWS service events")."""
    if not _is_logging(account, region):
        return
    detail = {
        "eventVersion": "1.11",
        "userIdentity": {"accountId": account, "invokedBy": f"{service}.amazonaws.com"},
        "eventTime": ledger.now()[:19] + "Z",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": f"{service}.amazonaws.com",
        "userAgent": f"{service}.amazonaws.com",
        "requestParameters": None,
        "responseElements": None,
        "additionalEventData": additional,
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsServiceEvent",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }
    _deliver(eventbridge.service_event, f"aws.{service}", "AWS Service Event via CloudTrail", detail, account, region)


def _deliver(publish, *arguments):
    delivery = threading.Timer(DELIVERY_SECONDS, publish, arguments)
    delivery.daemon = True
    delivery.start()


def _is_management_write(request):
    data = _DATA_EVENTS.get(request.service)
    return not _READ_ONLY.match(request.operation) and not (data and data.match(request.operation))


def _is_logging(account, region):
    from ministack.services import cloudtrail

    return any(
        trail.get("IsLogging") and (trail.get("IsMultiRegionTrail") or home == region)
        for home, _name, trail in cloudtrail._account_trail_items(account)
    )


def _event(request, caller, account, region, request_id, error, answer):
    service_model = model.service_model(request.service)
    prefix = _EVENT_SOURCES.get(request.service, service_model.metadata["endpointPrefix"])
    time = ledger.now()[:19] + "Z"
    detail = {
        "eventVersion": "1.11",
        "userIdentity": user_identity(caller),
        "eventTime": time,
        "eventSource": f"{prefix}.amazonaws.com",
        "eventName": request.operation,
        "awsRegion": region,
        "sourceIPAddress": caller.invoked_by or "127.0.0.1",
        "userAgent": caller.invoked_by or "aws-sdk",
        "requestParameters": _lower_first(secrets.scrub(request.parameters, request.shape)) or None,
        "responseElements": None if error else _response_elements(service_model, request.operation, answer),
        "requestID": request_id,
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }
    if error:
        detail["errorCode"] = "AccessDenied" if error == "AccessDeniedException" else error
        detail["errorMessage"] = _error_message(answer)
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "AWS API Call via CloudTrail",
        "source": f"aws.{prefix}",
        "account": account,
        "time": time,
        "region": region,
        "resources": [],
        "detail": detail,
    }


def _response_elements(service_model, operation, answer):
    """Only JSON answers are repeated; CloudTrail leaves the element out for most others."""
    if operation not in service_model.operation_names or not answer.startswith(b"{"):
        return None
    shape = service_model.operation_model(operation).output_shape
    return _lower_first(secrets.scrub(json.loads(answer), shape)) or None


def _error_message(answer):
    if not answer.startswith(b"{"):
        return ""
    body = json.loads(answer)
    return body.get("message") or body.get("Message") or ""


def _lower_first(value):
    """CloudTrail writes member names in lower camel case (`SAMAccountName` is `sAMAccountName`)."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _lower_first(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_lower_first(item) for item in value]
    return value
