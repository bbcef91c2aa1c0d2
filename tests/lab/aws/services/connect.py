"""Amazon Connect: one instance with SAML for identity management, its profiles and its users.

Sources: Connect API Reference (each operation's page), botocore model `connect`; Service Authorization Reference, Amazon
Connect (CreateUser needs the routing profile, each security profile and the user, whose id nobody knows yet;
`connect:InstanceId` with every operation on an instance; ListInstances has no resource).
"""

import datetime

from lab import settings
from lab.aws import connect_instance as instance
from lab.aws import model, validation
from lab.aws.modelled import Service
from lab.aws.services import connect_search, connect_users

_CREATED = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def _describe_instance(call):
    instance.check(call)
    return {"Instance": _instance(call)}


def _list_instances(call):
    mine = (call.account, call.region) == (settings.ACCOUNT_ID, settings.REGION)
    return {"InstanceSummaryList": [_instance(call)] if mine else []}


def _instance(call):
    role = f"arn:aws:iam::{call.account}:role/aws-service-role/connect.amazonaws.com/AWSServiceRoleForAmazonConnect_lab"
    return {
        "Id": instance.INSTANCE_ID,
        "Arn": f"arn:aws:connect:{call.region}:{call.account}:instance/{instance.INSTANCE_ID}",
        "IdentityManagementType": "SAML",
        "InstanceAlias": instance.ALIAS,
        "CreatedTime": _CREATED,
        "ServiceRole": role,
        "InstanceStatus": "ACTIVE",
        "InboundCallsEnabled": True,
        "OutboundCallsEnabled": True,
        "InstanceAccessUrl": f"https://{instance.ALIAS}.my.connect.aws",
    }


def _list_routing_profiles(call):
    return _profiles(call, instance.ROUTING_PROFILES, "routing-profile", "RoutingProfileSummaryList")


def _list_security_profiles(call):
    return _profiles(call, instance.SECURITY_PROFILES, "security-profile", "SecurityProfileSummaryList")


def _profiles(call, profiles, kind, member):
    instance.check(call)
    found = [{"Id": key, "Arn": instance.arn(call, kind, key), "Name": name} for key, name in profiles.items()]
    shown, more = instance.page(call, found, 100)
    return {member: shown, **more}


def _describe_routing_profile(call):
    name = _profile(call, instance.ROUTING_PROFILES, "RoutingProfileId")
    key = call.parameters["RoutingProfileId"]
    described = {"RoutingProfileId": key, "RoutingProfileArn": instance.arn(call, "routing-profile", key), "Name": name}
    return {"RoutingProfile": described | {"InstanceId": instance.INSTANCE_ID}}


def _describe_security_profile(call):
    name = _profile(call, instance.SECURITY_PROFILES, "SecurityProfileId")
    key = call.parameters["SecurityProfileId"]
    described = {"Id": key, "Arn": instance.arn(call, "security-profile", key), "SecurityProfileName": name}
    return {"SecurityProfile": described | {"OrganizationResourceId": instance.INSTANCE_ID}}


def _profile(call, profiles, member):
    instance.check(call)
    if call.parameters[member] not in profiles:
        raise instance.not_found("Profile not found")
    return profiles[call.parameters[member]]


def _resources(call):
    """The ARNs that the caller must be allowed the action on; IAM asks before the request is validated."""
    given = call.parameters
    if call.operation == "ListInstances" or validation.problems(given, model.input_shape("connect", call.operation)):
        return ["*"]
    if call.operation == "CreateUser":
        security = [instance.arn(call, "security-profile", name) for name in given["SecurityProfileIds"]]
        routing = instance.arn(call, "routing-profile", given["RoutingProfileId"])
        return [instance.arn(call, "agent", "*"), routing, *security]
    for member, kind in (("UserId", "agent"), ("RoutingProfileId", "routing-profile"), ("SecurityProfileId", "security-profile")):
        if member in given:
            return [instance.arn(call, kind, given[member])]
    return [instance.arn(call)]


def _condition_keys(call):
    keys = {"connect:InstanceId": call.parameters["InstanceId"]} if "InstanceId" in call.parameters else {}
    user = instance.USERS.get(call.parameters.get("UserId"))
    held, given = user.request.get("Tags", {}) if user else {}, call.parameters.get("Tags") or {}
    keys |= {f"aws:ResourceTag/{name}": value for name, value in held.items()}
    keys |= {f"aws:RequestTag/{name}": value for name, value in given.items()}
    return keys | ({"aws:TagKeys": list(given)} if given else {})


def _also_requires(call):
    return [(f"connect:{call.operation}", arn, _condition_keys(call)) for arn in _resources(call)[1:]]


SERVICE = Service(
    name="connect",
    operations={
        "ListInstances": _list_instances,
        "DescribeInstance": _describe_instance,
        "ListRoutingProfiles": _list_routing_profiles,
        "DescribeRoutingProfile": _describe_routing_profile,
        "ListSecurityProfiles": _list_security_profiles,
        "DescribeSecurityProfile": _describe_security_profile,
        "CreateUser": connect_users.create,
        "DescribeUser": connect_users.describe,
        "DeleteUser": connect_users.delete,
        "ListUsers": connect_users.list_all,
        "SearchUsers": connect_search.search,
    },
    resource=lambda call: _resources(call)[0],
    condition_keys=_condition_keys,
    also_requires=_also_requires,
    invalid_request_error="InvalidParameterException",
    reset=instance.reset,
    state=instance.USERS,
)
