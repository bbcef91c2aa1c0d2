"""Secrets in ministack's store: how they are found, their versions, and the staging labels on these.

Sources: Secrets Manager API Reference (PutSecretValue, UpdateSecretVersionStage, DescribeSecret, each parameter and
"Errors"); User Guide, "What's in a Secrets Manager secret?" (versions, staging labels) and "Log entries for rotation"
(RotationAbandoned). Unlike ministack, a version that lost its last label stays readable by its id: Secrets Manager keeps
what is younger than a day.
"""

import copy
import functools
import threading
import time
import uuid

from ministack.services import secretsmanager

from lab.aws import staleness
from lab.aws.modelled import ApiError

CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"

_lock = threading.RLock()


def alone(operation):
    """Operations of Secrets Manager take effect one after the other."""

    @functools.wraps(operation)
    def run(*arguments, **named):
        with _lock:
            return operation(*arguments, **named)

    return run


def existing(secret_id):
    """The secret by its name, ARN or partial ARN, also one that is about to be deleted."""
    _name, secret = secretsmanager._resolve(secret_id)
    if secret is None:
        raise ApiError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
    return secret


def usable(secret_id):
    secret = existing(secret_id)
    if secret.get("DeletedDate"):
        message = "You can't perform this operation on the secret because it was marked for deletion."
        raise ApiError("InvalidRequestException", message)
    return secret


def changing(secret_id):
    """The usable secret, of whose versions a read may still answer as they are now."""
    secret = usable(secret_id)
    staleness.remember(("secret", secret["ARN"]), copy.deepcopy(secret["Versions"]))
    return secret


def seen(secret):
    """The secret as this read sees it."""
    return secret | {"Versions": staleness.seen(("secret", secret["ARN"]), secret["Versions"])}


def holder(secret, label):
    """The id of the version that has the label, or None."""
    return next((name for name, version in secret["Versions"].items() if label in version["Stages"]), None)


def labels(secret):
    return {name: list(version["Stages"]) for name, version in secret["Versions"].items() if version["Stages"]}


def is_empty(version):
    """A rotation's version before the function has put a value into it."""
    return version["SecretString"] is None and version["SecretBinary"] is None


def add(secret, name, value=(None, None)):
    """A version without labels."""
    created = {"SecretString": value[0], "SecretBinary": value[1], "CreatedDate": int(time.time()), "Stages": []}
    secret["Versions"][name] = created
    _changed(secret)
    return created


def put(secret, token, value, stages):
    """PutSecretValue and UpdateSecret: the id of the version that has the value now.

    The same token with the same value changes nothing, with another value it fails: a version cannot be modified. The
    empty version of a rotation takes its value. A value that becomes current by hand ends a rotation that was under way.
    """
    name = token or str(uuid.uuid4())
    version = secret["Versions"].get(name)
    if version is not None and not is_empty(version):
        if (version["SecretString"], version["SecretBinary"]) != value:
            raise in_use(name, secret)
        return name
    if version is None:
        version = add(secret, name)
    version["SecretString"], version["SecretBinary"] = value
    for label in stages if holder(secret, CURRENT) else [*stages, CURRENT]:
        attach(secret, label, name)
        if label == CURRENT and holder(secret, PENDING) not in (None, name):
            detach(secret, PENDING)
            secret["Abandoned"] = True
        if label == CURRENT:
            secret["ValueDate"] = time.time()
    return name


def in_use(token, secret):
    message = f"You can't use ClientRequestToken {token} because that value is already in use for a version of secret"
    return ApiError("ResourceExistsException", f"{message} {secret['ARN']}.")


def attach(secret, label, name):
    """Move a label to a version. AWSPREVIOUS follows AWSCURRENT to the version that AWSCURRENT was removed from."""
    former = holder(secret, label)
    if former == name:
        return
    detach(secret, label)
    secret["Versions"][name]["Stages"].append(label)
    if label == CURRENT and former:
        attach(secret, PREVIOUS, former)
    if label not in (PENDING, PREVIOUS):
        secretsmanager._emit_secret_label_updated(secret, label, name)
    _changed(secret)


def detach(secret, label):
    for version in secret["Versions"].values():
        if label in version["Stages"]:
            version["Stages"].remove(label)
            _changed(secret)


def _changed(secret):
    secret["LastChangedDate"] = int(time.time())
    secretsmanager._sync_replicas(secret)
