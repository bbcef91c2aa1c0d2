"""Secrets Manager: rotation, labels, and who may do what. Values are in `secret_values`, what tells of
secrets in `secret_descriptions`.

Source: Secrets Manager API Reference (RotateSecret, CancelRotateSecret, UpdateSecretVersionStage); Service Authorization
Reference, AWS Secrets Manager; User Guide, "Secret encryption and decryption" (permissions for the KMS key). RotateSecret
returns before the rotation is done (`rotation.py`).
"""

import time
import uuid

from ministack.services import kms, secretsmanager

from lab.aws import rotation, rotation_schedule
from lab.aws import secret_versions as versions
from lab.aws.modelled import ApiError, Service
from lab.aws.services import secret_descriptions, secret_values

# What the caller needs of a customer's key.
_KEY_ACTIONS = {"GetSecretValue": ("Decrypt",), "CreateSecret": ("GenerateDataKey", "Decrypt")}
_KEY_ACTIONS |= dict.fromkeys(("PutSecretValue", "UpdateSecret"), _KEY_ACTIONS["CreateSecret"])


@versions.alone
def rotate(call):
    """Keeps the configuration given and starts a rotation; `RotateImmediately: false` only tests it."""
    secret = versions.changing(call.parameters["SecretId"])
    token = call.parameters.get("ClientRequestToken") or str(uuid.uuid4())
    pending, current = versions.holder(secret, versions.PENDING), versions.holder(secret, versions.CURRENT)
    if token in secret["Versions"]:
        return _rotation_again(secret, token)
    if pending not in (None, current):
        reattempt(secret, pending)
        message = "A previous rotation isn't complete. That rotation will be reattempted."
        raise ApiError("InvalidRequestException", message)
    _configure(secret, call.parameters)
    if call.parameters.get("RotateImmediately", True):
        begin(secret, token)
        return _named(secret) | {"VersionId": token}
    value = secret["Versions"].get(current, {})
    versions.add(secret, token, (value.get("SecretString"), value.get("SecretBinary")))
    versions.attach(secret, versions.PENDING, token)
    rotation.start(secret, token, test=True)
    return _named(secret)


def begin(secret, token):
    """Before the function is called there is a version without a value, which has AWSPENDING (API Reference,
    DescribeSecret)."""
    versions.add(secret, token)
    versions.attach(secret, versions.PENDING, token)
    rotation.start(secret, token)


def reattempt(secret, pending):
    if secret.get("RotationEnabled") and not rotation.active(secret):
        rotation.start(secret, pending)


def _rotation_again(secret, token):
    """The request came before, such as from an SDK that lost the answer; another version's token cannot be used."""
    if {versions.PENDING, versions.CURRENT} & set(secret["Versions"][token]["Stages"]):
        return _named(secret) | {"VersionId": token}
    raise ApiError("InvalidRequestException", f"The ClientRequestToken {token} is in use for a version of the secret.")


def _configure(secret, parameters):
    function = parameters.get("RotationLambdaARN") or secret.get("RotationLambdaARN")
    rules = parameters.get("RotationRules") or secret.get("RotationRules") or {}
    if not function:
        raise ApiError("InvalidRequestException", "No Lambda rotation function ARN is associated with this secret.")
    rotation_schedule.check(rules)
    if reason := rotation.refusal(function, secret["ARN"]):
        code = "ResourceNotFoundException" if "does not exist" in reason else "AccessDeniedException"
        raise ApiError(code, reason)
    secret.update(RotationLambdaARN=function, RotationRules=rules or None, RotationEnabled=True)
    secret.setdefault("ValueDate", time.time())


@versions.alone
def cancel(call):
    """Leaves the labels as they are."""
    secret = versions.usable(call.parameters["SecretId"])
    rotation.cancel(secret)
    secret["RotationEnabled"] = False
    pending = versions.holder(secret, versions.PENDING)
    unfinished = pending not in (None, versions.holder(secret, versions.CURRENT))
    return _named(secret) | ({"VersionId": pending} if unfinished else {})


@versions.alone
def move_label(call):
    """Whoever moves a label must name the version that has it; AWSCURRENT cannot be taken away altogether."""
    secret, label = versions.changing(call.parameters["SecretId"]), call.parameters["VersionStage"]
    target, source = call.parameters.get("MoveToVersionId"), call.parameters.get("RemoveFromVersionId")
    attached = versions.holder(secret, label)
    for name in filter(None, (target, source)):
        if name not in secret["Versions"]:
            raise ApiError("ResourceNotFoundException", f"Secrets Manager can't find the specified secret version {name}.")
    if not target and not source:
        raise _wrong("You must specify MoveToVersionId or RemoveFromVersionId.")
    if target and attached not in (None, target) and not source:
        raise _wrong(
            f"The parameter RemoveFromVersionId can't be empty. Staging label {label} is currently attached to version "
            f"{attached}, so you must explicitly reference that version in RemoveFromVersionId."
        )
    if source and source != attached:
        raise _wrong(f"Staging label {label} is currently not attached to version {source}.")
    if not target and label == versions.CURRENT:
        raise _wrong(f"You can only move staging label {label} to a different secret version. It can't be completely removed.")
    if target:
        versions.attach(secret, label, target)
    else:
        versions.detach(secret, label)
    return _named(secret)


def _named(secret):
    return {"ARN": secret["ARN"], "Name": secret["Name"]}


def _wrong(message):
    return ApiError("InvalidParameterException", message)


def _resource(call):
    """A new secret's ARN ends with six characters that nobody knows yet."""
    if call.operation == "ListSecrets":
        return "*"
    name = call.parameters.get("SecretId") or call.parameters.get("Name", "")
    _key, secret = secretsmanager._resolve(name)
    if secret is not None:
        return secret["ARN"]
    return name if name.startswith("arn:") else f"arn:aws:secretsmanager:{call.region}:{call.account}:secret:{name}-??????"


def _condition_keys(call):
    keys = {
        "secretsmanager:SecretId": call.parameters.get("SecretId"),
        "secretsmanager:VersionId": call.parameters.get("VersionId"),
        "secretsmanager:VersionStage": call.parameters.get("VersionStage"),
        "secretsmanager:RotationLambdaARN": call.parameters.get("RotationLambdaARN"),
    }
    _key, secret = secretsmanager._resolve(call.parameters.get("SecretId") or "")
    for tag in (secret or {}).get("Tags") or []:
        keys[f"secretsmanager:ResourceTag/{tag['Key']}"] = tag["Value"]
    return {key: value for key, value in keys.items() if value is not None}


def _also_requires(call):
    """Whoever starts a rotation must be allowed to invoke its function; a customer's key is used in the caller's name."""
    _key, secret = secretsmanager._resolve(call.parameters.get("SecretId") or "")
    if call.operation == "RotateSecret":
        function = call.parameters.get("RotationLambdaARN") or (secret or {}).get("RotationLambdaARN")
        return [("lambda:InvokeFunction", function, {})] if function else []
    if call.operation == "UpdateSecret" and not {"SecretString", "SecretBinary"} & set(call.parameters):
        return []
    key = kms._resolve_key(call.parameters.get("KmsKeyId") or (secret or {}).get("KmsKeyId"))
    if key is None:
        return []
    context = {"kms:viaservice": f"secretsmanager.{call.region}.amazonaws.com", "kms:calleraccount": call.account}
    if secret:
        context["kms:encryptioncontext:secretarn"] = secret["ARN"]
    return [(f"kms:{action}", key["Arn"], context) for action in _KEY_ACTIONS.get(call.operation, ())]


SERVICE = Service(
    name="secretsmanager",
    extends_ministack=True,
    operations={
        "CreateSecret": secret_values.create,
        "GetSecretValue": secret_values.get,
        "PutSecretValue": secret_values.put,
        "UpdateSecret": secret_values.update,
        "UpdateSecretVersionStage": move_label,
        "DescribeSecret": secret_descriptions.describe,
        "ListSecretVersionIds": secret_descriptions.list_versions,
        "ListSecrets": secret_descriptions.list_all,
        "RotateSecret": rotate,
        "CancelRotateSecret": cancel,
    },
    resource=_resource,
    condition_keys=_condition_keys,
    also_requires=_also_requires,
    reset=rotation.forget,
)
