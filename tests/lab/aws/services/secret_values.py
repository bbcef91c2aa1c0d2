"""Secrets Manager: CreateSecret, GetSecretValue, PutSecretValue, UpdateSecret.

Source: Secrets Manager API Reference, each operation's page; botocore model `secretsmanager`. The value of a new version
is encrypted under the secret's key: who uses a customer's key needs its permissions too (`secretsmanager.py`).
"""

import base64
import time
import uuid

from ministack.services import secretsmanager

from lab.aws import rotation
from lab.aws import secret_versions as versions
from lab.aws.modelled import ApiError


@versions.alone
def create(call):
    """The same name with the same token and value changes nothing."""
    name, token = call.parameters["Name"], call.parameters.get("ClientRequestToken")
    _refuse_further(call, ("AddReplicaRegions", "Type"))
    existing = secretsmanager._secrets.get(name)
    value = _value(call, required=False)
    if existing is not None:
        return _created_before(existing, token, value)
    version = make(
        name, value, token, Description=call.parameters.get("Description", ""), Tags=call.parameters.get("Tags") or [],
        KmsKeyId=call.parameters.get("KmsKeyId"),
    )  # fmt: skip
    return _named(secretsmanager._secrets[name]) | ({"VersionId": version} if version else {})


def make(name, value, token=None, **members):
    """A new secret in the store; the id of its first version, None when it has no value yet."""
    token = token or str(uuid.uuid4())
    secretsmanager._store_new_secret(name)
    secret = secretsmanager._secrets[name]
    secret.update(members, Versions={}, RotationEnabled=None)
    if value == (None, None):
        return None
    return versions.put(secret, token, value, [versions.CURRENT])


def _created_before(secret, token, value):
    if secret.get("DeletedDate"):
        message = "You can't create this secret because a secret with this name is already scheduled for deletion."
        raise ApiError("InvalidRequestException", message)
    version = secret["Versions"].get(token)
    if version is None or (version["SecretString"], version["SecretBinary"]) != value:
        message = f"The operation failed because the secret {secret['Name']} already exists."
        raise ApiError("ResourceExistsException", message)
    return _named(secret) | {"VersionId": token}


@versions.alone
def get(call):
    """Of the version with an id, a label, or both; AWSCURRENT unless told. An empty version is not found."""
    found = versions.usable(call.parameters["SecretId"])
    secret = versions.seen(found)
    name, label = call.parameters.get("VersionId"), call.parameters.get("VersionStage")
    wanted = f"VersionId: {name}" if name else f"staging label: {label or versions.CURRENT}"
    chosen = name or versions.holder(secret, label or versions.CURRENT)
    version = secret["Versions"].get(chosen)
    if version is None or versions.is_empty(version):
        raise ApiError("ResourceNotFoundException", f"Secrets Manager can't find the specified secret value for {wanted}")
    if name and label and label not in version["Stages"]:
        message = "You provided a VersionStage that is not associated to the provided VersionId."
        raise ApiError("InvalidRequestException", message)
    found["LastAccessedDate"] = int(time.time()) // 86400 * 86400
    answer = _named(secret) | {"VersionId": chosen, "CreatedDate": version["CreatedDate"]}
    if version["Stages"]:
        answer["VersionStages"] = list(version["Stages"])
    if version["SecretString"] is not None:
        return answer | {"SecretString": version["SecretString"]}
    return answer | {"SecretBinary": base64.b64decode(version["SecretBinary"])}


@versions.alone
def put(call):
    """With a RotationToken only as part of the rotation that the token was made for (User Guide, "Rotation by Lambda
    function": Secrets Manager validates the identity of the caller with it)."""
    secret = versions.changing(call.parameters["SecretId"])
    rotation_token = call.parameters.get("RotationToken")
    if rotation_token and not rotation.is_valid(secret, rotation_token):
        raise ApiError("InvalidParameterException", "The RotationToken is not valid for this secret.")
    value = _value(call)
    stages = call.parameters.get("VersionStages") or [versions.CURRENT]
    version = versions.put(secret, call.parameters.get("ClientRequestToken"), value, stages)
    rotation.tell_of_abandonment(secret)
    return _named(secret) | {"VersionId": version, "VersionStages": list(secret["Versions"][version]["Stages"])}


@versions.alone
def update(call):
    secret = versions.changing(call.parameters["SecretId"])
    for member in ("Description", "KmsKeyId"):
        if member in call.parameters:
            secret[member] = call.parameters[member]
    value = _value(call, required=False)
    if value == (None, None):
        return _named(secret)
    version = versions.put(secret, call.parameters.get("ClientRequestToken"), value, [versions.CURRENT])
    rotation.tell_of_abandonment(secret)
    return _named(secret) | {"VersionId": version}


def _value(call, required=True):
    """(SecretString, SecretBinary as it came: base64)."""
    value = (call.parameters.get("SecretString"), call.parameters.get("SecretBinary"))
    if None not in value:
        raise ApiError("InvalidParameterException", "You can't specify both a binary secret value and a string secret value.")
    if required and value == (None, None):
        raise ApiError("InvalidParameterException", "You must provide either SecretString or SecretBinary.")
    return value


def _refuse_further(call, members):
    for member in members:
        if call.parameters.get(member):
            raise ApiError("InvalidParameterException", f"the lab does not know {member} of {call.operation}")


def _named(secret):
    return {"ARN": secret["ARN"], "Name": secret["Name"]}
