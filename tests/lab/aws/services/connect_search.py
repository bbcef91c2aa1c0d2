"""Amazon Connect: SearchUsers.

Source: Connect API Reference (SearchUsers, UserSearchCriteria, StringCondition: the fields that can be searched; "contains"
takes 2 to 25 characters; AfterContactWorkTimeLimit is answered in milliseconds), botocore model `connect`. Text is compared
without case, of which the reference says nothing. Hierarchies, proficiencies and filters by tags are not known to the lab.
"""

from lab.aws import connect_instance as instance
from lab.aws.modelled import ApiError

_FIELDS = {
    "username": lambda user: [user.request["Username"]],
    "firstname": lambda user: [user.request["IdentityInfo"]["FirstName"]],
    "lastname": lambda user: [user.request["IdentityInfo"]["LastName"]],
    "routingprofileid": lambda user: [user.request["RoutingProfileId"]],
    "securityprofileid": lambda user: user.request["SecurityProfileIds"],
    "resourceid": lambda user: [user.id],
}
_COMPARED = {"STARTS_WITH": str.startswith, "CONTAINS": str.__contains__, "EXACT": str.__eq__}
_SHOWN = ("Username", "RoutingProfileId", "SecurityProfileIds", "Tags")


def search(call):
    """Those that meet the criteria; all without any."""
    instance.check(call)
    if "SearchFilter" in call.parameters:
        raise ApiError("InvalidRequestException", "The lab does not know SearchFilter.")
    criteria = call.parameters.get("SearchCriteria", {})
    matching = [user for user in instance.visible() if _meets(user, criteria)]
    found, more = instance.page(call, matching, 100)
    return {"Users": [_summary(user) for user in found], "ApproximateTotalCount": len(matching), **more}


def _meets(user, criteria):
    if unknown := {"ListCondition", "HierarchyGroupCondition"} & set(criteria):
        raise ApiError("InvalidRequestException", f"The lab does not know {', '.join(unknown)}.")
    everything = [_meets(user, inner) for inner in criteria.get("AndConditions", [])]
    if "OrConditions" in criteria:
        everything.append(any(_meets(user, inner) for inner in criteria["OrConditions"]))
    if "StringCondition" in criteria:
        everything.append(_matches(user, criteria["StringCondition"]))
    return all(everything)


def _matches(user, condition):
    field, wanted = condition.get("FieldName", "").lower(), condition.get("Value", "").lower()
    comparison = condition.get("ComparisonType", "EXACT")
    if field not in _FIELDS:
        raise ApiError("InvalidParameterException", f"FieldName {condition.get('FieldName')} is not supported")
    if comparison == "CONTAINS" and not 2 <= len(wanted) <= 25:
        raise ApiError("InvalidParameterException", "A value to be contained has 2 to 25 characters")
    return any(_COMPARED[comparison](value.lower(), wanted) for value in _FIELDS[field](user))


def _summary(user):
    identity = user.request["IdentityInfo"]
    shown = {name: user.request[name] for name in _SHOWN if name in user.request}
    shown["IdentityInfo"] = {name: identity[name] for name in ("FirstName", "LastName")}
    phone = user.request.get("PhoneConfig")
    if phone is not None:
        seconds = phone.get("AfterContactWorkTimeLimit")
        shown["PhoneConfig"] = phone if seconds is None else phone | {"AfterContactWorkTimeLimit": seconds * 1000}
    return {"Id": user.id, "Arn": user.arn, **shown}
