"""SQS: StartMessageMoveTask and ListMessageMoveTasks, which redrive a dead-letter queue.

Sources: SQS API Reference (StartMessageMoveTask, ListMessageMoveTasks), Developer Guide, "Configuring a dead-letter queue
redrive"; botocore model `sqs`. A moved message is a new one. A message that no queue has put there (EventBridge has)
moves only to a named destination. The lab moves all at once.
"""

import json
import time
import uuid

from ministack.services import sqs

from lab.aws.modelled import ApiError, Service

# Source ARN -> its tasks, the latest first.
_tasks = {}


def _start(call):
    source = _queue(call.parameters["SourceArn"])
    if not _is_dead_letter_queue(call.parameters["SourceArn"]):
        message = "Source queue must be configured as a Dead Letter Queue."
        raise ApiError("InvalidParameterValue", message, 400)
    named = call.parameters.get("DestinationArn")
    if named:
        _queue(named)
    sqs._dlq_sweep(source)
    waiting, moved = list(source["messages"]), 0
    for message in waiting:
        target = named or message.get("sys", {}).get("DeadLetterQueueSourceArn")
        if target and message["visible_at"] <= time.time():
            source["messages"].remove(message)
            _send(message, _queue(target))
            moved += 1
    left = len(waiting) - moved
    task = {
        "Status": "FAILED" if left and not named else "COMPLETED",
        "SourceArn": call.parameters["SourceArn"],
        "ApproximateNumberOfMessagesMoved": moved,
        "ApproximateNumberOfMessagesToMove": len(waiting),
        "StartedTimestamp": int(time.time() * 1000),
    }
    if named:
        task["DestinationArn"] = named
    if task["Status"] == "FAILED":
        task["FailureReason"] = "CouldNotDetermineMessageSource"
    _tasks.setdefault(call.parameters["SourceArn"], []).insert(0, task)
    return {"TaskHandle": uuid.uuid4().hex}


def _list(call):
    _queue(call.parameters["SourceArn"])
    most = call.parameters.get("MaxResults") or 1
    return {"Results": _tasks.get(call.parameters["SourceArn"], [])[:most]}


def _send(message, queue):
    sqs._act_send_message(
        {
            "QueueUrl": queue["url"],
            "MessageBody": message["body"],
            "MessageAttributes": message.get("message_attributes") or {},
        },
        queue["url"],
    )


def _queue(arn):
    queue = sqs._queue_by_arn(arn)
    if queue is None:
        raise ApiError("ResourceNotFoundException", "The resource that you specified for the SourceArn does not exist.")
    return queue


def _is_dead_letter_queue(arn):
    """Some queue's RedrivePolicy names it."""
    policies = (queue["attributes"].get("RedrivePolicy") for queue in list(sqs._queues.values()))
    return any(json.loads(policy).get("deadLetterTargetArn") == arn for policy in policies if policy)


def _also_requires(call):
    """The caller takes the messages away and sends them."""
    if call.operation != "StartMessageMoveTask":
        return []
    taking = [(f"sqs:{name}", call.parameters["SourceArn"], {}) for name in
              ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")]
    named = call.parameters.get("DestinationArn")
    return taking + ([("sqs:SendMessage", named, {})] if named else [])


SERVICE = Service(
    name="sqs",
    extends_ministack=True,
    operations={"StartMessageMoveTask": _start, "ListMessageMoveTasks": _list},
    resource=lambda call: call.parameters.get("SourceArn", "*"),
    also_requires=_also_requires,
    reset=_tasks.clear,
)
