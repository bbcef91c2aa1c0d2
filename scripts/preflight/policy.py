"""The IAM policy that doctor needs: the actions of all checks, and nothing that writes."""

import json

from preflight.check import Check

# Where reading everything would be reading too much. A stack's functions and parameters are named after it.
RESOURCES = {
    "ssm:GetParameter": "arn:aws:ssm:*:*:parameter/{stack}/kill-switch",
    "lambda:GetFunctionConfiguration": "arn:aws:lambda:*:*:function:{stack}-*",
    "lambda:GetFunctionConcurrency": "arn:aws:lambda:*:*:function:{stack}-*",
    "ds:AccessDSData": "arn:aws:ds:*:*:directory/{directory}",
    "ds-data:DescribeUser": "arn:aws:ds:*:*:directory/{directory}",
    "ds-data:DescribeGroup": "arn:aws:ds:*:*:directory/{directory}",
    "ds-data:ListGroups": "arn:aws:ds:*:*:directory/{directory}",
}
# Asked before the first check.
ALWAYS = ("cloudformation:DescribeStacks",)


def text(checks: tuple[Check, ...], stack: str, directory: str | None, partition: str) -> str:
    """The policy's JSON, one statement for each set of resources."""
    by_resource: dict[str, set[str]] = {}
    for action in {*ALWAYS, *(action for check in checks for action in check.actions)}:
        arn = RESOURCES.get(action, "*").format(stack=stack, directory=directory or "*")
        by_resource.setdefault(arn.replace("arn:aws:", f"arn:{partition}:"), set()).add(action)
    statements = [
        {"Effect": "Allow", "Action": sorted(actions), "Resource": resource}
        for resource, actions in sorted(by_resource.items())
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)
