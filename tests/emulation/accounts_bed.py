"""Several accounts and Regions: roles, their sessions, queues, buses and rules that forward."""

import json
import time

import boto3

from lab import client, settings, state

from emulation.bed import document, token

OWN, MEMBER, STRANGER = settings.ACCOUNT_ID, settings.MEMBER_ACCOUNT_ID, "999999999999"
HOME, FAR = settings.REGION, settings.MEMBER_REGION
EVENTS = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
SECONDS = 10


def of(account, service, region=HOME):
    """A client of an account's root."""
    return client.client(service, account, region)


def trust(principal, **conditions):
    """A statement of a trust policy; `conditions` are operator -> keys."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return statement | ({"Condition": conditions} if conditions else {})


def root(account):
    return f"arn:aws:iam::{account}:root"


def role(account, trusted, *statements):
    """The ARN of a new role."""
    name, iam = f"role-{token()}", of(account, "iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trusted))["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
    return arn


def assumed(caller, arn, region=HOME, **more):
    """A function that gives the session's clients; `caller` gives an STS client."""
    answer = caller("sts").assume_role(RoleArn=arn, RoleSessionName="test", **more)
    found = answer["Credentials"]

    def session(service, region=region):
        return boto3.client(
            service, endpoint_url=state.running()["endpoint"], region_name=region, aws_access_key_id=found["AccessKeyId"],
            aws_secret_access_key=found["SecretAccessKey"], aws_session_token=found["SessionToken"],
        )  # fmt: skip

    return session


def queue(account=OWN, region=HOME, *statements):
    """The URL and ARN of a queue whose policy has the statements, each with the queue's ARN as its resource."""
    sqs = of(account, "sqs", region)
    url = sqs.create_queue(QueueName=f"q-{token()}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = document(*(statement | {"Resource": arn} for statement in statements))
    if statements:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return url, arn


def lets(service):
    return {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sqs:SendMessage"}


def messages(url, wanted=1, account=OWN, region=HOME):
    """The queue's messages, once there are so many; a moment later for none."""
    found, deadline = [], time.monotonic() + (SECONDS if wanted else 1)
    while time.monotonic() < deadline and (len(found) < wanted or not wanted):
        answer = of(account, "sqs", region).receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        for message in answer.get("Messages", []):
            found.append(message)
            of(account, "sqs", region).delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        time.sleep(0.05)
    return found


def rule(account, region, targets, bus="default", source="test.source"):
    """A rule with targets for the events of a source; its ARN."""
    events, name = of(account, "events", region), f"rule-{token()}"
    pattern = json.dumps({"source": [source]})
    arn = events.put_rule(Name=name, EventBusName=bus, EventPattern=pattern)["RuleArn"]
    numbered = [{"Id": str(number), **target} for number, target in enumerate(targets)]
    events.put_targets(Rule=name, EventBusName=bus, Targets=numbered)
    return arn


def put_event(account, region, source="test.source", bus="default"):
    """The mark in the detail of a new event."""
    mark = token()
    entry = {"Source": source, "DetailType": "test", "Detail": json.dumps({"mark": mark}), "EventBusName": bus}
    answer = of(account, "events", region).put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise AssertionError(answer)
    return mark
