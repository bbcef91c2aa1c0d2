"""AWS as the lab's operator and as people of the company see it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import boto3
from boto3.dynamodb.types import TypeDeserializer

from demo.errors import DemoError


class Aws:
    """Clients of one caller."""

    def __init__(self, endpoint: str, region: str, key: str, secret: str, token: str | None = None) -> None:
        self.endpoint, self.region = endpoint, region
        self.session = boto3.Session(key, secret, token, region_name=region)
        self._clients: dict[str, object] = {}

    @classmethod
    def operator(cls, variables: dict[str, str]) -> "Aws":
        """The lab's administrator, by the values of `scripts/lab env`."""
        return cls(
            variables["AWS_ENDPOINT_URL"],
            variables["AWS_REGION"],
            variables["AWS_ACCESS_KEY_ID"],
            variables["AWS_SECRET_ACCESS_KEY"],
        )

    def client(self, service: str):
        if service not in self._clients:
            self._clients[service] = self.session.client(service, endpoint_url=self.endpoint)
        return self._clients[service]

    def person(self, role: str, name: str, statements: list[dict]) -> "Aws":
        """A person who works under a role of their own, made here with these permissions."""
        account = self.client("sts").get_caller_identity()["Account"]
        trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
        roles = self.client("iam")
        roles.create_role(RoleName=role, AssumeRolePolicyDocument=policy([trust]))
        roles.put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=policy(statements))
        return self.session_of(role, name)

    @contextmanager
    def function_variables(self, function: str, **changes: str) -> Iterator[None]:
        """As a deployment with other parameters would leave a function."""
        functions = self.client("lambda")
        before = functions.get_function_configuration(FunctionName=function)["Environment"]
        after = {"Variables": before["Variables"] | changes}
        functions.update_function_configuration(FunctionName=function, Environment=after)
        try:
            yield
        finally:
            functions.update_function_configuration(FunctionName=function, Environment=before)

    def session_of(self, role: str, name: str) -> "Aws":
        """Somebody's session of a role that was made before."""
        arn = self.client("iam").get_role(RoleName=role)["Role"]["Arn"]
        given = self.client("sts").assume_role(RoleArn=arn, RoleSessionName=name)["Credentials"]
        return Aws(self.endpoint, self.region, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def policy(statements: list[dict]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


class Stack:
    """The deployed product: its outputs, parameters, records and the witness's log."""

    def __init__(self, aws: Aws, name: str) -> None:
        self.aws, self.name = aws, name

    @cached_property
    def _described(self) -> dict:
        return self.aws.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"][0]

    def output(self, name: str) -> str:
        for output in self._described["Outputs"]:
            if output["OutputKey"] == name:
                return output["OutputValue"]
        raise DemoError(f"the stack {self.name} has no output {name}")

    def parameter(self, name: str) -> str:
        found = (p["ParameterValue"] for p in self._described["Parameters"] if p["ParameterKey"] == name)
        return next(found, "")

    def decision(self, execution: str) -> dict | None:
        """The decision record that an execution has written."""
        found = [item for item in self.items() if item.get("execution") == execution and "decision" in item]
        return found[0] if found else None

    def items(self, table: str = "DecisionTableName") -> list[dict]:
        """Everything in a table, which an output names."""
        scanned = self.aws.client("dynamodb").scan(TableName=self.output(table), ConsistentRead=True)
        types = TypeDeserializer()
        return [{name: types.deserialize(value) for name, value in item.items()} for item in scanned["Items"]]

    def witness_log(self) -> list[dict]:
        """What the witness has logged, without Lambda's own lines."""
        group = f"/aws/lambda/{self.name}-disable-witness"
        events = self.aws.client("logs").filter_log_events(logGroupName=group)["events"]
        return [json.loads(event["message"]) for event in events if event["message"].startswith("{")]


class Directory:
    """Users by the Directory Service Data API."""

    def __init__(self, aws: Aws, directory_id: str) -> None:
        self.aws, self.id = aws, directory_id

    def create_user(self, name: str, given_name: str, surname: str) -> None:
        self.aws.client("ds-data").create_user(
            DirectoryId=self.id, SAMAccountName=name, GivenName=given_name, Surname=surname
        )

    def disable_user(self, name: str) -> None:
        self.aws.client("ds-data").disable_user(DirectoryId=self.id, SAMAccountName=name)

    def add_member(self, group: str, user: str) -> None:
        self.aws.client("ds-data").add_group_member(DirectoryId=self.id, GroupName=group, MemberName=user)

    def reset_password(self, name: str, password: str) -> None:
        """The only call that enables a user."""
        self.aws.client("ds").reset_user_password(DirectoryId=self.id, UserName=name, NewPassword=password)

    def user(self, name: str) -> dict:
        answer = self.aws.client("ds-data").describe_user(DirectoryId=self.id, SAMAccountName=name)
        return {key: value for key, value in answer.items() if key != "ResponseMetadata"}
