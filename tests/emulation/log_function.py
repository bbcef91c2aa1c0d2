"""A function that is subscribed to a log group: it puts what it gets into the queue QUEUE_URL, readable.

A log event whose message starts with `fail` makes it fail, each time; with `late`, until the third time.
"""

import base64
import gzip
import json
import os

import boto3


def handler(event, _context):
    queue = boto3.client("sqs")
    payload = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    queue.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(payload))
    messages = [found["message"] for found in payload["logEvents"]]
    if any(message.startswith("fail") for message in messages):
        raise RuntimeError("told to fail")
    if any(message.startswith("late") for message in messages):
        queue.send_message(QueueUrl=os.environ["ATTEMPTS_URL"], MessageBody="attempt")
        seen = queue.get_queue_attributes(QueueUrl=os.environ["ATTEMPTS_URL"], AttributeNames=["All"])["Attributes"]
        if int(seen["ApproximateNumberOfMessages"]) < 3:
            raise RuntimeError("told to fail at first")
