"""CloudFormation's resources of Secrets Manager: Secret, ResourcePolicy, RotationSchedule.

Source: CloudFormation Template Reference, AWS::SecretsManager::* (`Ref` of each is the secret's ARN; GenerateSecretString
takes what GetRandomPassword takes; RotateImmediatelyOnUpdate is true unless told) and the resource types' schemas (the
delete handler of a RotationSchedule calls CancelRotateSecret). ministack's Secret has its name as `Ref`, and knows of
GenerateSecretString only the length and the excluded characters.
"""

import json
import uuid

from ministack.core.responses import get_account_id, get_region
from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

from lab.aws import secret_versions as versions
from lab.aws.modelled import ApiError, Call
from lab.aws.services import secret_values
from lab.aws.services import secretsmanager as service

_FLAGS = (
    "ExcludeLowercase", "ExcludeNumbers", "ExcludePunctuation", "ExcludeUppercase", "IncludeSpace",
    "RequireEachIncludedType",
)  # fmt: skip


def install():
    handlers = provisioners._RESOURCE_HANDLERS
    for kind, functions in {
        "Secret": (_create_secret, _update_secret, _delete_secret),
        "ResourcePolicy": (_create_policy, _update_policy, _delete_policy),
        "RotationSchedule": (_create_schedule, _update_schedule, _delete_schedule),
    }.items():
        create, update, delete = functions
        declared = {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}
        handlers[f"AWS::SecretsManager::{kind}"] = declared


def _create_secret(logical_id, properties, stack):
    _refuse(properties, "ReplicaRegions", "Type")
    name = properties.get("Name") or provisioners._physical_name(stack, logical_id)
    parameters = {"Name": name, "ClientRequestToken": str(uuid.uuid4()), "Tags": properties.get("Tags") or []}
    parameters |= {key: properties[key] for key in ("Description", "KmsKeyId") if properties.get(key)}
    answer = _call(secret_values.create, "CreateSecret", parameters | _value(properties))
    return _created(answer["ARN"])


def _value(properties):
    if generate := properties.get("GenerateSecretString"):
        return {"SecretString": _generated(generate)}
    return {"SecretString": properties["SecretString"]} if properties.get("SecretString") else {}


def _generated(properties):
    """A password, or the template with the password as its further member."""
    wanted = {name: str(properties[name]).lower() == "true" for name in _FLAGS if name in properties}
    if "PasswordLength" in properties:
        wanted["PasswordLength"] = int(properties["PasswordLength"])
    wanted["ExcludeCharacters"] = properties.get("ExcludeCharacters", "")
    status, _headers, body = secretsmanager._get_random_password(wanted)
    answer = json.loads(body)
    if status >= 400:
        raise ValueError(f"AWS::SecretsManager::Secret: {answer.get('message')}")
    template, key = properties.get("SecretStringTemplate"), properties.get("GenerateStringKey")
    if bool(template) != bool(key):
        raise ValueError("AWS::SecretsManager::Secret: SecretStringTemplate and GenerateStringKey need each other.")
    return json.dumps(json.loads(template) | {key: answer["RandomPassword"]}) if template else answer["RandomPassword"]


def _update_secret(arn, old, new, stack, logical_id):
    """Name is create-only; another value in the template becomes a new version that is current."""
    if new.get("Name") != old.get("Name"):
        created = _create_secret(logical_id, new, stack)
        _delete_secret(arn, old)
        return created
    parameters = {"SecretId": arn, "ClientRequestToken": str(uuid.uuid4()), "Description": new.get("Description", "")}
    parameters |= {"KmsKeyId": new["KmsKeyId"]} if new.get("KmsKeyId") else {}
    changed = any(new.get(name) != old.get(name) for name in ("SecretString", "GenerateSecretString"))
    _call(secret_values.update, "UpdateSecret", parameters | (_value(new) if changed else {}))
    versions.existing(arn)["Tags"] = new.get("Tags") or []
    return _created(arn)


def _delete_secret(arn, _properties):
    name, secret = secretsmanager._resolve(arn)
    if secret is not None:
        secretsmanager._purge_secret(name, secret)


def _create_policy(_logical_id, properties, _stack):
    secret, policy = versions.usable(properties["SecretId"]), properties["ResourcePolicy"]
    secretsmanager._resource_policies[secret["ARN"]] = policy if isinstance(policy, str) else json.dumps(policy)
    return _created(secret["ARN"])


def _update_policy(arn, old, new, stack, logical_id):
    return _replaced(_create_policy, _delete_policy, arn, old, new, stack, logical_id)


def _delete_policy(arn, _properties):
    secretsmanager._resource_policies.pop(arn, None)


def _create_schedule(_logical_id, properties, _stack):
    _refuse(properties, "HostedRotationLambda")
    parameters = {"SecretId": properties["SecretId"], "ClientRequestToken": str(uuid.uuid4())}
    parameters["RotateImmediately"] = str(properties.get("RotateImmediatelyOnUpdate", True)).lower() == "true"
    if properties.get("RotationLambdaARN"):
        parameters["RotationLambdaARN"] = properties["RotationLambdaARN"]
    if rules := properties.get("RotationRules"):
        days = {"AutomaticallyAfterDays": int(rules["AutomaticallyAfterDays"])} if "AutomaticallyAfterDays" in rules else {}
        parameters["RotationRules"] = rules | days
    return _created(_call(service.rotate, "RotateSecret", parameters)["ARN"])


def _update_schedule(arn, old, new, stack, logical_id):
    return _replaced(_create_schedule, _delete_schedule, arn, old, new, stack, logical_id)


def _delete_schedule(arn, _properties):
    if secretsmanager._resolve(arn)[1] is not None:
        _call(service.cancel, "CancelRotateSecret", {"SecretId": arn})


def _replaced(create, delete, arn, old, new, stack, logical_id):
    """SecretId is create-only: another secret is another resource."""
    created = create(logical_id, new, stack)
    if created[0] != arn:
        delete(arn, old)
    return created


def _created(arn):
    return arn, {"Id": arn, "Arn": arn}


def _refuse(properties, *names):
    for name in names:
        if properties.get(name):
            raise ValueError(f"the lab does not know {name} of AWS::SecretsManager")


def _call(operation, name, parameters):
    try:
        return operation(Call("secretsmanager", name, parameters, get_account_id(), get_region()))
    except ApiError as error:
        raise ValueError(str(error)) from error
