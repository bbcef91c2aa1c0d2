"""What tests of log events share: a log group, a function subscribed to it, and what the function was sent."""

import json
import time
import unittest
from pathlib import Path

from lab import aws_service

from emulation import bed
from emulation.bed import aws, token

FUNCTION = Path(__file__).with_name("log_function.py")
SECONDS = 60
# Longer than a batch gathers and is under way.
QUIET_SECONDS = 5
# Of a test's function at the same time: each takes a second of a processor.
MOST_PROCESSES = 3
EVERY_EVENT = ""


def until(look, enough, seconds=SECONDS):
    """What `look` finds once it is `enough`; a failure names what it found last."""
    deadline = time.monotonic() + seconds
    while not enough(found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"only: {found}")
        time.sleep(0.1)
    return found


def delivery(**settings):
    return aws_service.admin("delivery", settings)


class LogCase(unittest.TestCase):
    def setUp(self):
        self.logs, self.seen = aws("logs"), []
        self.addCleanup(delivery, copies=1, batch=1000, reorder=False)

    def new_group(self, stream="one"):
        name = f"/test/{token()}"
        self.logs.create_log_group(logGroupName=name)
        self.logs.create_log_stream(logGroupName=name, logStreamName=stream)
        return name

    def new_queue(self):
        return aws("sqs").create_queue(QueueName=f"test-{token()}")["QueueUrl"]

    def arn_of_queue(self, url):
        found = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return found["Attributes"]["QueueArn"]

    def new_function(self, *groups, dead_letters=None, **more):
        """The ARN of a function that lets CloudWatch Logs invoke it for the groups."""
        name = f"log-{token()}"
        allowed = bed.role(name, bed.allow("sqs:*", "logs:*"))
        more |= {"DeadLetterConfig": {"TargetArn": self.arn_of_queue(dead_letters)}} if dead_letters else {}
        self.queue = self.new_queue()
        variables = {"QUEUE_URL": self.queue, "ATTEMPTS_URL": self.new_queue()}
        arn = bed.new_function(name, allowed, FUNCTION, Environment={"Variables": variables}, **more)
        _arn, _aws, _lambda, region, account, *_ = arn.split(":")
        aws("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=MOST_PROCESSES)
        for group in groups:
            aws("lambda").add_permission(
                FunctionName=name, StatementId=token(), Action="lambda:InvokeFunction", Principal="logs.amazonaws.com",
                SourceArn=f"arn:aws:logs:{region}:{account}:log-group:{group}:*",
            )
        return arn

    def subscribe(self, group, function, pattern=EVERY_EVENT, name="filter"):
        self.logs.put_subscription_filter(
            logGroupName=group, filterName=name, filterPattern=pattern, destinationArn=function
        )

    def subscribed(self, pattern=EVERY_EVENT, **more):
        """A log group with a subscribed function."""
        group = self.new_group()
        self.subscribe(group, self.new_function(group, **more), pattern)
        return group

    def put(self, group, *messages, stream="one"):
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": message} for message in messages]
        self.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    def payloads(self):
        """All that the last function was sent so far."""
        while received := aws("sqs").receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in received:
                self.seen.append(json.loads(message["Body"]))
                aws("sqs").delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return self.seen

    def batches(self):
        return [payload for payload in self.payloads() if payload["messageType"] == "DATA_MESSAGE"]

    def messages(self):
        return [event["message"] for batch in self.batches() for event in batch["logEvents"]]

    def arrived(self, count):
        """The messages, once there are so many and no more come."""
        until(self.messages, lambda found: len(found) >= count)
        time.sleep(QUIET_SECONDS)
        return self.messages()
