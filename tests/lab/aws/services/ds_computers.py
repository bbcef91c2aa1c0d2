"""Directory Service: CreateComputer, a computer account that waits for its computer.

Source: AWS Directory Service API Reference, CreateComputer (limits, errors, the answer of its example); MS-ADTS 2.2.16
(userAccountControl), 3.1.1.3.1.5.1 (unicodePwd). The domain controller makes the account with its password in one change, so
that a refused one leaves nothing behind.

Assumed, because AWS tells nowhere: what the directory refuses is InvalidParameterException; without an organizational
unit the account goes to the default container; attributes that make it a computer account cannot be given.
"""

from ldap3.core.exceptions import LDAPInvalidDnError
from ldap3.utils.dn import parse_dn, safe_dn

from lab import settings
from lab.aws import active_directory as ad
from lab.aws import directories
from lab.aws.modelled import ApiError
from lab.domains import MANAGED

WORKSTATION_TRUST_ACCOUNT = 0x1000
# Microsoft, "Naming conventions in Active Directory for computers, domains, sites, and OUs".
_FORBIDDEN = set('\\/:*?"<>|')
# What computers were given, so that tests can look for it where it must not be; the lab's log and journal hide it.
PASSWORDS = []
_OWN = {"objectclass", "samaccountname", "useraccountcontrol", "unicodepwd", "cn", "name", "distinguishedname"}


def create(call):
    domain, wanted = directories.named(call), call.parameters
    if domain is None:
        raise ApiError("EntityDoesNotExistException", f"Directory {wanted['DirectoryId']} does not exist.")
    if _FORBIDDEN & set(wanted["ComputerName"]):
        raise _wrong(f"{wanted['ComputerName']} is not a name for a computer.")
    unit = _unit(domain, wanted.get("OrganizationalUnitDistinguishedName"))
    account = f"{wanted['ComputerName']}$"
    attributes = _given(wanted.get("ComputerAttributes") or []) | {
        "objectClass": "computer",
        "sAMAccountName": account,
        "userAccountControl": str(WORKSTATION_TRUST_ACCOUNT),
        "unicodePwd": f'"{wanted["Password"]}"'.encode("utf-16-le"),
    }
    try:
        with ad.opened(domain) as connection:
            dn = ad.add(connection, wanted["ComputerName"], unit, attributes)
            sid = ad.sid(connection, dn)
    except ad.Unavailable as error:
        raise ApiError("DirectoryUnavailableException", str(error)) from error
    except ad.Refused as error:
        raise _refused(error, wanted["ComputerName"]) from error
    PASSWORDS.append(wanted["Password"])
    shown = {"DistinguishedName": dn, "WindowsSamName": account}
    return {
        "Computer": {
            "ComputerId": sid,
            "ComputerName": wanted["ComputerName"],
            "ComputerAttributes": [{"Name": name, "Value": value} for name, value in shown.items()],
        }
    }


def _unit(domain, wanted):
    """What the customer has no rights for is no place for his computers."""
    if wanted is None:
        return settings.COMPUTERS_OU if domain is MANAGED else f"CN=Computers,{domain.base_dn}"
    root = domain.customer_ou or domain.base_dn
    try:
        unit = safe_dn([f"{name}={value}" for name, value, _separator in parse_dn(wanted, strip=True)])
    except LDAPInvalidDnError:
        raise _wrong(f"{wanted} is not a distinguished name.") from None
    if not f",{unit}".lower().endswith(f",{root}".lower()):
        raise _wrong(f"{wanted} is not an organizational unit of the directory that you can manage.")
    return unit


def _given(attributes):
    values = {}
    for attribute in attributes:
        name = attribute.get("Name", "")
        if not name or name.lower() in _OWN:
            raise _wrong(f"The attribute {name} cannot be set.")
        values.setdefault(name, []).append(attribute.get("Value", ""))
    return values


def _refused(error, name):
    if error.description == "entryAlreadyExists":
        return ApiError("EntityAlreadyExistsException", f"The computer {name} already exists.")
    return _wrong(f"The directory refuses the computer: {error}")


def _wrong(message):
    return ApiError("InvalidParameterException", message)
