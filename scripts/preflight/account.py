"""Calls to an AWS account: paged, patient with throttling, and with errors that name the IAM action."""

from collections.abc import Iterator

import boto3
import botocore.exceptions
from botocore.config import Config

# Throttled calls are repeated by the SDK, slower each time.
SETTINGS = Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5, read_timeout=20)

# IAM's name of a service where it is not the name that requests are signed with.
IAM_NAMES = {"monitoring": "cloudwatch"}

DENIED_CODES = (
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "AuthorizationErrorException",
)


class ApiError(Exception):
    """A call that AWS has refused."""

    def __init__(self, action: str, code: str, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.action, self.code, self.reason = action, code, reason


class Denied(ApiError):
    """IAM does not allow the call."""


class Unreachable(ApiError):
    """AWS could not be asked."""


class Account:
    """One account in one Region."""

    def __init__(self, region: str | None) -> None:
        self._session = boto3.Session(region_name=region)
        self._clients: dict = {}

    @property
    def region(self) -> str | None:
        return self._session.region_name

    @property
    def partition(self) -> str:
        return self._session.get_partition_for_region(self.region)

    def call(self, service: str, operation: str, **parameters) -> dict:
        """The answer to one call; `operation` is the SDK's name, such as `describe_stacks`."""
        client = self._client(service)
        return self._checked(client, operation, lambda: getattr(client, operation)(**parameters))

    def items(self, service: str, operation: str, member: str, **parameters) -> Iterator[dict]:
        """The items of all pages of a call."""
        client = self._client(service)
        if not client.can_paginate(operation):
            yield from self.call(service, operation, **parameters).get(member, [])
            return
        pages = iter(client.get_paginator(operation).paginate(**parameters))
        while (page := self._checked(client, operation, lambda: next(pages, None))) is not None:
            yield from page.get(member, [])

    def _client(self, service: str):
        if service not in self._clients:
            self._clients[service] = self._session.client(service, config=SETTINGS)
        return self._clients[service]

    def _checked(self, client, operation: str, ask):
        action = _action(client, operation)
        try:
            return ask()
        except botocore.exceptions.ClientError as refused:
            raise _translated(action, refused) from refused
        except (botocore.exceptions.HTTPClientError, botocore.exceptions.EndpointConnectionError) as unanswered:
            raise Unreachable(action, "unreachable", str(unanswered)) from unanswered


def _action(client, operation: str) -> str:
    """`sns:ListTopics` for `list_topics`."""
    prefix = client.meta.service_model.signing_name
    return f"{IAM_NAMES.get(prefix, prefix)}:{client.meta.method_to_api_mapping[operation]}"


def _translated(action: str, refused: botocore.exceptions.ClientError) -> ApiError:
    error, reason = refused.response["Error"], refused.response.get("Reason", "")
    code, message = error.get("Code", ""), error.get("Message", "")
    # Directory Service Data answers AccessDenied for other reasons than IAM, too.
    if code in DENIED_CODES and reason in ("", "IAM_AUTH"):
        return Denied(action, code, message, reason)
    return ApiError(action, code, message, reason)
