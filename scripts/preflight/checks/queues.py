"""Queues: each is read, and nothing lies in a dead-letter queue."""

from preflight.account import ApiError
from preflight.check import Check
from preflight.result import ok, problem, warning

ATTRIBUTES = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
# The section that tells how the events of a queue get back on their way.
RUNBOOK = {
    "ContainDeadLetterQueue": "findings-not-started",
    "WitnessDeadLetterQueue": "witness-dead-letters",
    "StarterDeadLetterQueue": "users-not-started",
    "StartQueueDeadLetterQueue": "users-not-started",
    "JoinQueueDeadLetterQueue": "joins-not-looked-at",
    "StatusQueueDeadLetterQueue": "joins-not-looked-at",
    "SweepDeadLetterQueue": "rule-cannot-deliver",
}
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
    queues = {q.logical_id: q.physical_id for q in subject.stack.of_kind("AWS::SQS::Queue")}
    dead_letter_queues = [name for name in queues if "DeadLetter" in name]
    wrong = [result for name, url in queues.items() if (result := _waiting(subject, name, url)) is not None]
    yield from wrong or [ok(f"{len(dead_letter_queues)} dead-letter queues are empty")]


def _waiting(subject, name, url):
    attributes = subject.account.call("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=ATTRIBUTES)[
        "Attributes"
    ]
    waiting = sum(int(attributes[attribute]) for attribute in ATTRIBUTES)
    if "DeadLetter" in name and waiting:
        return problem(
            f"{waiting} message{'s' if waiting > 1 else ''} in {name}: events that nobody has worked on",
            _look(subject, url) + (f"   # then RUNBOOK.md#{RUNBOOK[name]}" if name in RUNBOOK else ""),
        )
    if waiting > MANY:
        return warning(f"{waiting} messages wait in {name}", _look(subject, url))
    return None


def _look(subject, url):
    return subject.aws(
        *("sqs", "receive-message", "--queue-url", url, "--max-number-of-messages", "10"),
        *("--visibility-timeout", "1", "--message-attribute-names", "All"),
    )


CHECKS = (
    Check("event sources", _mappings, ("lambda:GetEventSourceMapping",)),
    Check("dead letters", _dead_letters, ("sqs:GetQueueAttributes",)),
)
