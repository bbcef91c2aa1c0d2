"""What the tests share: clients of the running lab, secrets, a rotation function with its role."""

import functools
import io
import json
import time
import unittest
import uuid
import zipfile
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from lab import aws_service, state
from lab.client import client

FUNCTION = Path(__file__).with_name("rotation_function.py")
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
SECONDS = 60


@functools.cache
def aws(service):
    return client(service, config=Config(retries={"max_attempts": 0}))


@functools.cache
def unchecked(service):
    """A client that sends what botocore would refuse."""
    return client(service, config=Config(retries={"max_attempts": 0}, parameter_validation=False))


def token():
    return str(uuid.uuid4())


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def role(name, *statements):
    """The ARN of a role for functions that may do what the statements say."""
    arn = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document(TRUST))["Role"]["Arn"]
    aws("iam").put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
    return arn


def allow(*actions, resource="*"):
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


def as_user(service, *statements):
    """A client of a user of IAM who may do what the statements say."""
    name, iam = f"user-{token()}", aws("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.client(
        service, endpoint_url=state.running()["endpoint"], region_name=state.running()["region"],
        aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"],
    )  # fmt: skip


def new_function(name, role_arn, source=FUNCTION, **more):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(source, source.name)
    made = aws("lambda").create_function(
        FunctionName=name, Runtime="python3.12", Role=role_arn, Handler=f"{source.stem}.handler", Timeout=20,
        Code={"ZipFile": packed.getvalue()}, **more,
    )
    return made["FunctionArn"]


@functools.cache
def rotation_function():
    """The ARN of the one function that Secrets Manager may invoke for secrets of this account."""
    name = f"rotation-{token()}"
    arn = new_function(name, role(name, allow("secretsmanager:*", "logs:*")))
    aws("lambda").add_permission(
        FunctionName=name, StatementId="rotation", Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com", SourceAccount=arn.split(":")[4],
    )
    return arn


def rotations(arn):
    """The secret's rotations so far."""
    return [run for run in aws_service.admin("rotations")["rotations"] if run["secret"] == arn]


def settled(arn):
    """The secret's rotations once none is under way."""
    deadline = time.monotonic() + SECONDS
    found = rotations(arn)
    while any(run["outcome"] == "InProgress" for run in found):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{arn} is still being rotated: {found}")
        time.sleep(0.1)
        found = rotations(arn)
    return found


def refused(case, code, call, *arguments, **more):
    """The message of the error with this code that the call must end with."""
    with case.assertRaises(ClientError) as raised:
        call(*arguments, **more)
    case.assertEqual(raised.exception.response["Error"]["Code"], code)
    return raised.exception.response["Error"]["Message"]


class SecretCase(unittest.TestCase):
    """Tests with a secret of their own."""

    def setUp(self):
        self.secrets = aws("secretsmanager")

    def new_secret(self, value="first", plan=None, **more):
        """The ARN of a secret; `plan` is for the rotation function."""
        if value is not None:
            more["SecretString"] = value
        made = self.secrets.create_secret(Name=f"test/{token()}", Description=json.dumps(plan or {}), **more)
        return made["ARN"]

    def rotate(self, arn, **more):
        more.setdefault("RotationLambdaARN", rotation_function())
        more.setdefault("RotationRules", {"AutomaticallyAfterDays": 30})
        return self.secrets.rotate_secret(SecretId=arn, **more)

    def rotated(self, arn, **more):
        """The rotation, at its end."""
        self.rotate(arn, **more)
        return settled(arn)[-1]

    def put(self, arn, value="next", **more):
        return self.secrets.put_secret_value(SecretId=arn, SecretString=value, **more)["VersionId"]

    def value(self, arn, **more):
        return self.secrets.get_secret_value(SecretId=arn, **more)["SecretString"]

    def labels(self, arn):
        """label -> version id."""
        versions = self.secrets.describe_secret(SecretId=arn).get("VersionIdsToStages", {})
        return {label: name for name, labels in versions.items() for label in labels}

    def move(self, arn, label, to=None, away_from=None):
        where = {"MoveToVersionId": to, "RemoveFromVersionId": away_from}
        where = {name: version for name, version in where.items() if version}
        self.secrets.update_secret_version_stage(SecretId=arn, VersionStage=label, **where)

    def refused(self, code, call, *arguments, **more):
        return refused(self, code, call, *arguments, **more)
