"""What the operations of Directory Service Data share: the directory's gate, its objects, attributes and pages.

Source: AWS Directory Service Data API Reference, common parameters and errors. Reads see the whole domain, writes reach
the customer's OU only; an unknown directory and an object outside the OU both answer AccessDeniedException.
"""

import functools

from lab import settings
from lab.aws import active_directory as ad
from lab.aws import directories
from lab.aws.modelled import ApiError
from lab.domains import MANAGED

# API member -> LDAP attribute.
NAMED_ATTRIBUTES = {"GivenName": "givenName", "Surname": "sn", "EmailAddress": "mail"}


def connected(operation):
    """Runs an operation with a connection, for the AWS Managed Microsoft AD when its data access is enabled: there is no
    data access to other types (Administration Guide, "Directory Service Data")."""

    @functools.wraps(operation)
    def run(call):
        domain = directories.named(call)
        if domain is None:
            raise access_denied("DIRECTORY_AUTH", f"Access to directory {call.parameters['DirectoryId']} is denied.")
        if domain is not MANAGED:
            message = "The operation is not supported for this type of directory."
            raise ApiError("ValidationException", message, Reason="INVALID_DIRECTORY_TYPE")
        if directories.data_access_status() != "Enabled":
            raise access_denied("DATA_DISABLED", "Directory data access is disabled for this directory.")
        realm = call.parameters.get("Realm", call.parameters.get("MemberRealm", settings.DOMAIN))
        if realm.rstrip(".").lower() != settings.DOMAIN:
            raise ApiError("ValidationException", f"Realm {realm} is not known.", Reason="INVALID_REALM")
        try:
            with ad.opened() as connection:
                return operation(call, connection)
        except ad.Unavailable as error:
            raise ApiError("DirectoryUnavailableException", str(error), Reason="INVALID_DIRECTORY_STATE") from error
        except ad.Refused as error:
            raise from_ldap(error) from error

    return run


def access_denied(reason, message):
    return ApiError("AccessDeniedException", message, Reason=reason)


def from_ldap(error):
    """What the LDAP result of a change means to the caller."""
    if error.description in ("entryAlreadyExists", "attributeOrValueExists"):
        return ApiError("ConflictException", "The object already exists.")
    if error.description == "insufficientAccessRights":
        return access_denied("DIRECTORY_AUTH", "The directory refuses the change.")
    if error.description in ("undefinedAttributeType", "noSuchAttribute"):
        return ApiError("ValidationException", error.reason, Reason="INVALID_ATTRIBUTE_NAME")
    return ApiError("ValidationException", str(error), Reason="INVALID_ATTRIBUTE_VALUE")


def existing(connection, kind, name, attributes=()):
    entry = ad.find(connection, kind, name, attributes)
    if entry is None:
        raise ApiError("ResourceNotFoundException", f"{name} was not found.")
    return entry


def writable(connection, kind, name):
    """The object to change; outside the customer's OU nothing can be changed."""
    entry = existing(connection, kind, name)
    if not entry.belongs_to_customer:
        raise access_denied("DIRECTORY_AUTH", f"{name} is outside of your organizational unit.")
    return entry


def other_attributes(entry, wanted):
    """The attributes asked for that have values, typed as AttributeValue; None when there are none."""
    return {name: _attribute_value(entry.values(name)) for name in wanted if entry.values(name)} or None


def _attribute_value(values):
    texts = [value.decode("utf-8", "replace") for value in values]
    if len(texts) > 1:
        return {"SS": texts}
    if texts[0] in ("TRUE", "FALSE"):
        return {"BOOL": texts[0] == "TRUE"}
    if texts[0].lstrip("-").isdigit() and texts[0].isascii():
        return {"N": int(texts[0])}
    return {"S": texts[0]}


def ldap_values(attributes):
    """AttributeValue -> LDAP strings."""
    return {name: [_ldap_text(item) for item in _as_list(value)] for name, value in attributes.items()}


def _as_list(value):
    (content,) = value.values()
    return content if isinstance(content, list) else [content]


def _ldap_text(value):
    return str(value).upper() if isinstance(value, bool) else str(value)


def changes(update_type, attributes):
    """UpdateType ADD, REPLACE or REMOVE as an LDAP modification."""
    operation = {"ADD": ad.ldap3.MODIFY_ADD, "REPLACE": ad.ldap3.MODIFY_REPLACE, "REMOVE": ad.ldap3.MODIFY_DELETE}
    if not attributes:
        raise ApiError("ValidationException", "No attribute is given.", Reason="MISSING_ATTRIBUTE")
    return {name: [(operation[update_type], values)] for name, values in attributes.items()}


def paged(call, entries):
    """At most MaxResults (250) entries and the token of the next page."""
    start = call.parameters.get("NextToken", "0")
    if not start.isdigit():
        raise ApiError("ValidationException", "The token is not valid.", Reason="INVALID_NEXT_TOKEN")
    end = int(start) + call.parameters.get("MaxResults", 250)
    return entries[int(start) : end], str(end) if end < len(entries) else None


def matching(call, connection, kind):
    """Search: equality with any of the attributes; wildcards are not supported."""
    text, wanted = ad.escape_filter_chars(call.parameters["SearchString"]), call.parameters["SearchAttributes"]
    anyone = "".join(f"({NAMED_ATTRIBUTES.get(name, name)}={text})" for name in wanted)
    return paged(call, ad.search(connection, f"(&{kind}(|{anyone}))", wanted))
