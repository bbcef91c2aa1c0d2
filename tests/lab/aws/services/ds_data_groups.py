"""Directory Service Data: groups and memberships; the part of the service beside `ds_data`.

Source: AWS Directory Service Data API Reference; botocore model `ds-data`. Besides the customer's own groups, the
members of the AWS Delegated groups can be changed (Administration Guide, "AWS delegated groups").
"""

from lab import settings
from lab.aws import active_directory as ad
from lab.aws import directory_data as data
from lab.aws.modelled import ApiError


def _summary(group):
    return {"SAMAccountName": group.name, "SID": group.sid, "GroupScope": _scope(group), "GroupType": _type(group)}


def _scope(group):
    return ad.GROUP_SCOPES[group.number("groupType") & 0xF]


def _type(group):
    return "Security" if group.number("groupType") & ad.SECURITY_GROUP else "Distribution"


@data.connected
def _describe_group(call, connection):
    wanted = call.parameters.get("OtherAttributes", [])
    group = data.existing(connection, ad.GROUPS, call.parameters["SAMAccountName"], wanted)
    return {
        "DirectoryId": call.parameters["DirectoryId"],
        "Realm": settings.DOMAIN,
        "DistinguishedName": group.dn,
        "OtherAttributes": data.other_attributes(group, wanted),
        **_summary(group),
    }


@data.connected
def _create_group(call, connection):
    """Security and Global are the defaults."""
    name = call.parameters["SAMAccountName"]
    if ad.find(connection, ad.MEMBERS, name):
        raise ApiError("ConflictException", f"{name} already exists.")
    kind = _kind(call.parameters.get("GroupScope", "Global"), call.parameters.get("GroupType", "Security"))
    attributes = {"objectClass": ["top", "group"], "sAMAccountName": name, "groupType": kind}
    attributes |= data.ldap_values(call.parameters.get("OtherAttributes", {}))
    dn = ad.add(connection, name, settings.USERS_OU, attributes)
    return {"DirectoryId": call.parameters["DirectoryId"], "SAMAccountName": name, "SID": ad.sid(connection, dn)}


def _kind(scope, group_type):
    """The attribute groupType, a signed number (MS-ADTS 2.2.12)."""
    flags = {"Global": 0x2, "DomainLocal": 0x4, "Universal": 0x8, "BuiltinLocal": 0x5}[scope]
    return str(flags | ad.SECURITY_GROUP - (1 << 32) if group_type == "Security" else flags)


@data.connected
def _update_group(call, connection):
    """Scope and type are replaced, whatever the update type; Active Directory allows some changes of scope only."""
    group = data.writable(connection, ad.GROUPS, call.parameters["SAMAccountName"])
    wanted = data.ldap_values(call.parameters.get("OtherAttributes", {}))
    changes = data.changes(call.parameters.get("UpdateType", "REPLACE"), wanted) if wanted else {}
    if call.parameters.keys() & {"GroupScope", "GroupType"}:
        kind = _kind(**({"scope": _scope(group), "group_type": _type(group)} | _given_kind(call)))
        changes["groupType"] = [(ad.ldap3.MODIFY_REPLACE, [kind])]
    if not changes:
        raise ApiError("ValidationException", "No attribute is given.", Reason="MISSING_ATTRIBUTE")
    ad.modify(connection, group.dn, changes)


def _given_kind(call):
    names = {"GroupScope": "scope", "GroupType": "group_type"}
    return {names[name]: value for name, value in call.parameters.items() if name in names}


@data.connected
def _delete_group(call, connection):
    ad.delete(connection, data.writable(connection, ad.GROUPS, call.parameters["SAMAccountName"]).dn)


@data.connected
def _list_groups(call, connection):
    page, token = data.paged(call, ad.search(connection, ad.GROUPS))
    return _groups(call, page, token) | {"Realm": settings.DOMAIN}


@data.connected
def _search_groups(call, connection):
    page, token = data.matching(call, connection, ad.GROUPS)
    wanted = call.parameters["SearchAttributes"]
    groups = [
        _summary(group) | {"DistinguishedName": group.dn, "OtherAttributes": data.other_attributes(group, wanted)}
        for group in page
    ]
    return {"DirectoryId": call.parameters["DirectoryId"], "Realm": settings.DOMAIN, "Groups": groups, "NextToken": token}


@data.connected
def _list_groups_for_member(call, connection):
    """The groups that hold the member directly."""
    member = data.existing(connection, ad.MEMBERS, call.parameters["SAMAccountName"])
    page, token = data.paged(call, ad.groups_of(connection, member))
    return _groups(call, page, token) | {"Realm": settings.DOMAIN, "MemberRealm": settings.DOMAIN}


def _groups(call, page, token):
    groups = [_summary(group) for group in page]
    return {"DirectoryId": call.parameters["DirectoryId"], "Groups": groups, "NextToken": token}


@data.connected
def _list_group_members(call, connection):
    group = data.existing(connection, ad.GROUPS, call.parameters["SAMAccountName"])
    members = ad.search(connection, f"(&{ad.MEMBERS}(memberOf={ad.escape_filter_chars(group.dn)}))")
    page, token = data.paged(call, members)
    return {
        "DirectoryId": call.parameters["DirectoryId"],
        "Realm": settings.DOMAIN,
        "MemberRealm": settings.DOMAIN,
        "Members": [{"MemberType": m.kind, "SAMAccountName": m.name, "SID": m.sid} for m in page],
        "NextToken": token,
    }


@data.connected
def _add_group_member(call, connection):
    _change_membership(call, connection, ad.ldap3.MODIFY_ADD)


@data.connected
def _remove_group_member(call, connection):
    """Someone who is no member is not found."""
    try:
        _change_membership(call, connection, ad.ldap3.MODIFY_DELETE)
    except ad.Refused as error:
        if error.description in ("noSuchAttribute", "unwillingToPerform"):
            raise ApiError("ResourceNotFoundException", "The member is not in the group.") from error
        raise


def _change_membership(call, connection, operation):
    group = data.existing(connection, ad.GROUPS, call.parameters["GroupName"])
    if not (group.belongs_to_customer or group.dn.lower().endswith(ad.DELEGATED_GROUPS_OU.lower())):
        raise data.access_denied("DIRECTORY_AUTH", f"{group.name} is outside of your organizational unit.")
    member = data.existing(connection, ad.MEMBERS, call.parameters["MemberName"])
    ad.modify(connection, group.dn, {"member": [(operation, [member.dn])]})


READS = {
    "DescribeGroup": _describe_group,
    "ListGroups": _list_groups,
    "SearchGroups": _search_groups,
    "ListGroupsForMember": _list_groups_for_member,
    "ListGroupMembers": _list_group_members,
}
WRITES = {
    "CreateGroup": _create_group,
    "UpdateGroup": _update_group,
    "DeleteGroup": _delete_group,
    "AddGroupMember": _add_group_member,
    "RemoveGroupMember": _remove_group_member,
}
