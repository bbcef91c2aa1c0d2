"""DynamoDB's condition key for the items that a write is about, which ministack does not know.

Source: Amazon DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control"; Service Authorization
Reference, Amazon DynamoDB.
"""

import json

from ministack.services import dynamodb

NAME = "dynamodb:LeadingKeys"
# Where a write has the key of its item.
_WRITES = {"dynamodb:PutItem": "Item", "dynamodb:UpdateItem": "Key", "dynamodb:DeleteItem": "Key"}


def of_request(action, body):
    """The partition key of the item that is written, if it is a text."""
    if action not in _WRITES:
        return {}
    try:
        request = json.loads(body)
        table = dynamodb._tables.get(str(request["TableName"]).rpartition("/")[2])
        return {NAME: [request[_WRITES[action]][table["pk_name"]]["S"]]}
    except (ValueError, KeyError, TypeError):
        return {}


def recorded(context):
    """Without the last part of a key, so that a thousand items are one line in the record of what was used."""
    keys = context.get(NAME)
    return context | {NAME: [key[: key.rfind("#") + 1] for key in keys]} if keys else context
