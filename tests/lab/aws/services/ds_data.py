"""Directory Service Data: users. Groups and memberships are in `ds_data_groups`.

Source: AWS Directory Service Data API Reference (each operation's page), botocore model `ds-data`.
"""

from lab import settings
from lab.aws import active_directory as ad
from lab.aws import client_tokens, directories
from lab.aws import directory_data as data
from lab.aws.modelled import ApiError, Service
from lab.aws.services import ds_data_groups

@data.connected
def _describe_user(call, connection):
    wanted = call.parameters.get("OtherAttributes", [])
    user = data.existing(connection, ad.USERS, call.parameters["SAMAccountName"], wanted)
    return {
        "DirectoryId": call.parameters["DirectoryId"],
        "Realm": settings.DOMAIN,
        "DistinguishedName": user.dn,
        "OtherAttributes": data.other_attributes(user, wanted),
        "UserPrincipalName": user.text("userPrincipalName"),
        "EmailAddress": user.text("mail"),
        **_summary(user),
    }


def _summary(user):
    return {
        "SAMAccountName": user.name,
        "SID": user.sid,
        "Enabled": user.enabled,
        "GivenName": user.text("givenName"),
        "Surname": user.text("sn"),
    }


@data.connected
def _create_user(call, connection):
    """A new user is disabled until ds:ResetUserPassword gives it a password."""
    name = call.parameters["SAMAccountName"]
    if ad.find(connection, ad.MEMBERS, name):
        raise ApiError("ConflictException", f"{name} already exists.")
    attributes = {
        "objectClass": ["top", "person", "organizationalPerson", "user"],
        "sAMAccountName": name,
        "userPrincipalName": f"{name}@{settings.DOMAIN}",
        "userAccountControl": str(ad.NORMAL_ACCOUNT | ad.ACCOUNT_DISABLED),
        **_given_attributes(call),
    }
    dn = ad.add(connection, name, settings.USERS_OU, attributes)
    return {"DirectoryId": call.parameters["DirectoryId"], "SAMAccountName": name, "SID": ad.sid(connection, dn)}


def _given_attributes(call):
    named = {data.NAMED_ATTRIBUTES[m]: [v] for m, v in call.parameters.items() if m in data.NAMED_ATTRIBUTES}
    return named | data.ldap_values(call.parameters.get("OtherAttributes", {}))


@data.connected
def _update_user(call, connection):
    user = data.writable(connection, ad.USERS, call.parameters["SAMAccountName"])
    ad.modify(connection, user.dn, data.changes(call.parameters.get("UpdateType", "REPLACE"), _given_attributes(call)))


@data.connected
def _disable_user(call, connection):
    user = data.writable(connection, ad.USERS, call.parameters["SAMAccountName"])
    flags = user.number("userAccountControl") | ad.ACCOUNT_DISABLED
    ad.replace(connection, user.dn, userAccountControl=[str(flags)])


@data.connected
def _delete_user(call, connection):
    ad.delete(connection, data.writable(connection, ad.USERS, call.parameters["SAMAccountName"]).dn)


@data.connected
def _list_users(call, connection):
    page, token = data.paged(call, ad.search(connection, ad.USERS))
    return {
        "DirectoryId": call.parameters["DirectoryId"],
        "Realm": settings.DOMAIN,
        "Users": [_summary(user) for user in page],
        "NextToken": token,
    }


@data.connected
def _search_users(call, connection):
    page, token = data.matching(call, connection, ad.USERS)
    users = [
        _summary(user)
        | {"DistinguishedName": user.dn, "UserPrincipalName": user.text("userPrincipalName")}
        | {"OtherAttributes": data.other_attributes(user, call.parameters["SearchAttributes"])}
        for user in page
    ]
    return {
        "DirectoryId": call.parameters["DirectoryId"],
        "Realm": settings.DOMAIN,
        "Users": users,
        "NextToken": token,
    }


def _service():
    reads = {"DescribeUser": _describe_user, "ListUsers": _list_users, "SearchUsers": _search_users}
    writes = {
        "CreateUser": _create_user,
        "UpdateUser": _update_user,
        "DisableUser": _disable_user,
        "DeleteUser": _delete_user,
    }
    idempotent = {name: client_tokens.idempotent(run) for name, run in (writes | ds_data_groups.WRITES).items()}
    return Service(
        name="ds-data",
        operations=reads | ds_data_groups.READS | idempotent,
        resource=_directory_arn,
        condition_keys=_condition_keys,
        also_requires=_also_requires,
        access_denied_members={"Reason": "IAM_AUTH"},
        reset=client_tokens.forget,
    )


def _directory_arn(call):
    return directories.arn(call.parameters.get("DirectoryId", "*"), call.account, call.region)


def _condition_keys(call):
    """Service Authorization Reference, AWS Directory Service Data: condition keys."""
    names = {"SAMAccountName": "SAMAccountName", "GroupName": "SAMAccountName", "Realm": "Realm"}
    names |= {"MemberName": "MemberName", "MemberRealm": "MemberRealm"}
    return {f"ds-data:{key}": call.parameters[member] for member, key in names.items() if member in call.parameters}


def _also_requires(call):
    """Every call needs ds:AccessDSData on the directory; SearchUsers and SearchGroups also the Describe action."""
    further = {"SearchUsers": "DescribeUser", "SearchGroups": "DescribeGroup"}
    actions = ["ds:AccessDSData"]
    if call.operation in further:
        actions.append(f"ds-data:{further[call.operation]}")
    return [(action, _directory_arn(call), _condition_keys(call)) for action in actions]


SERVICE = _service()
