"""What Amazon Connect demands of a user of an instance with SAML for identity management; nothing of ministack.

Sources: Connect API Reference, CreateUser (Username, Password, DirectoryUserId; which of PhoneConfig and the settings for each
channel exclude each other), UserIdentityInfo (names in Unicode Normalization Form C; "If you are using SAML for identity
management and include [Email], an error is returned"; the page of CreateUser says of Email the contrary), UserPhoneConfig.
"""

import re
import unicodedata

USER_NAME = re.compile(r"[a-zA-Z0-9_.@-]{1,64}")
EMAIL_FORM = re.compile(r"[^@]+@[^@.]+(\.[^@.]+)+")
SECONDARY_EMAIL = re.compile(r"(?=^.{0,265}$)[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,63}")
LONGEST_AFTER_CONTACT_WORK = 2_000_000
# PhoneConfig's member -> the parameter with the same for each channel.
CHANNEL_SETTINGS = {
    "AutoAccept": "AutoAcceptConfigs",
    "AfterContactWorkTimeLimit": "AfterContactWorkConfigs",
    "PhoneType": "PhoneNumberConfigs",
    "DeskPhoneNumber": "PhoneNumberConfigs",
    "PersistentConnection": "PersistentConnectionConfigs",
}


def problem(request):
    """What is wrong with a CreateUser request, or None."""
    identity, phone = request.get("IdentityInfo", {}), request.get("PhoneConfig", {})
    found = (_of_the_name(request["Username"]), _of_saml(request), _of_identity(identity), _of_phone(request, phone))
    return next((text for text in found if text), None)


def _of_the_name(name):
    if not USER_NAME.fullmatch(name):
        return "Username can include up to 64 characters from [a-zA-Z0-9_-.\\@]+"
    if "@" in name and not EMAIL_FORM.fullmatch(name):
        return "Username can include @ only if used in an email format"
    return None


def _of_saml(request):
    for member in ("Password", "DirectoryUserId"):
        if member in request:
            return f"{member} is not allowed when SAML is used for identity management"
    if "Email" in request.get("IdentityInfo", {}):
        return "Email is not allowed when SAML is used for identity management"
    return None


def _of_identity(identity):
    for member in ("FirstName", "LastName"):
        name = identity.get(member, "")
        if not name.strip():
            return f"{member} is required"
        if not unicodedata.is_normalized("NFC", name):
            return f"{member} must be in Unicode Normalization Form C"
    if "SecondaryEmail" in identity and not SECONDARY_EMAIL.fullmatch(identity["SecondaryEmail"]):
        return "SecondaryEmail is not an email address"
    return None


def _of_phone(request, phone):
    for member, setting in CHANNEL_SETTINGS.items():
        if member in phone and setting in request:
            return f"PhoneConfig.{member} conflicts with {setting}"
    if phone.get("PhoneType") == "DESK_PHONE" and "DeskPhoneNumber" not in phone:
        return "DeskPhoneNumber is required for the phone type DESK_PHONE"
    if phone.get("AfterContactWorkTimeLimit", 0) > LONGEST_AFTER_CONTACT_WORK:
        return f"AfterContactWorkTimeLimit cannot be more than {LONGEST_AFTER_CONTACT_WORK} seconds"
    return None
