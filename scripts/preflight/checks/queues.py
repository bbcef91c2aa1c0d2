"""Queues: each is read, and nothing lies in a dead-letter queue."""

from preflight.account import ApiError
from preflight.check import Check
from preflight.result import ok, problem, warning

ATTRIBUTES = ["QueueArn", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "RedrivePolicy"]
MANY = 1000


def _mappings(subject):
    mappings = subject.stack.of_kind("AWS::Lambda::EventSourceMapping")
    wrong = [result for mapping in mappings if (result := _judge(subject, mapping)) is not None]
    yield from wrong or [ok(f"{len(mappings)} event source mappings are enabled")]


def _judge(subject, mapping):
    uuid = mapping.physical_id
    try:
        found = subject.account.call("lambda", "get_event_source_mapping", UUID=uuid)
    except ApiError as error:
        if error.code != "ResourceNotFoundException":
            raise
        return problem(
            f"the event source mapping {mapping.logical_id} is gone: its queue is not read",
            "sam deploy with the event taken out of template.yaml, then again with it",
        )
    queue = found.get("EventSourceArn", "").rpartition(":")[2]
    enable = subject.aws("lambda", "update-event-source-mapping", "--uuid", uuid, "--enabled")
    if found["State"] in ("Disabled", "Disabling"):
        return problem(f"the event source mapping {mapping.logical_id} is disabled: {queue} is not read", enable)
    if found["State"] != "Enabled":
        return warning(
            f"the event source mapping {mapping.logical_id} is {found['State']}", "wait a minute, then run doctor again"
        )
    return None


def _dead_letters(subject):
    queues = subject.stack.of_kind("AWS::SQS::Queue")
    read = {q.logical_id: (q.physical_id, _attributes(subject, q.physical_id)) for q in queues}
    redrivable = "".join(attributes.get("RedrivePolicy", "") for _, attributes in read.values())
    wrong = False
    for logical_id, (url, attributes) in read.items():
        waiting = int(attributes["ApproximateNumberOfMessages"]) + int(
            attributes["ApproximateNumberOfMessagesNotVisible"]
        )
        if "DeadLetter" in logical_id and waiting:
            wrong = True
            yield problem(
                f"{waiting} message{'s' if waiting > 1 else ''} in {logical_id}: events that nobody has worked on",
                _drain(subject, url, attributes["QueueArn"], redrivable),
            )
        elif waiting > MANY:
            wrong = True
            yield warning(
                f"{waiting} messages wait in {logical_id}",
                subject.aws("sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All"),
            )
    if not wrong:
        yield ok(f"{len([q for q in queues if 'DeadLetter' in q.logical_id])} dead-letter queues are empty")


def _attributes(subject, url):
    return subject.account.call("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=ATTRIBUTES)["Attributes"]


def _drain(subject, url, arn, redrivable):
    """Look first; what came from a queue of ours can be moved back there."""
    look = subject.aws(
        "sqs",
        "receive-message",
        "--queue-url",
        url,
        "--max-number-of-messages",
        "10",
        "--attribute-names",
        "All",
        "--message-attribute-names",
        "All",
    )
    if arn not in redrivable:
        return f"{look}   # the cause is an attribute; once it is gone, put each event in again"
    return f"{look}   # once the cause is gone: {subject.aws('sqs', 'start-message-move-task', '--source-arn', arn)}"


CHECKS = (
    Check("event sources", _mappings, ("lambda:GetEventSourceMapping",)),
    Check("dead letters", _dead_letters, ("sqs:GetQueueAttributes",)),
)
