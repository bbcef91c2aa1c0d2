"""Fill a freshly provisioned domain. Runs on Debian's own Python, the one that has Samba's bindings, without the lab's
package; reads one JSON object on stdin: configuration, database, base_dn, netbios, domain, kind, dc_host, admin, operator,
people, groups, service_accounts, join_user, leave_user, contain_user, lookup_user, users, administrator, lockout_threshold,
lockout_seconds, and passwords for these accounts.

Layout: AWS Directory Service Administration Guide, "What gets created with your AWS Managed Microsoft AD": an OU with
the directory's NetBIOS name that holds the OUs Computers and Users and the account Admin, OUs "AWS Delegated Groups" and
"AWS Reserved", and delegation of the customer's OU through "AWS Delegated Administrators". "What gets created with your
Simple AD directory": Samba's own layout, with Administrator as the customer's account. A self-managed
domain: that too, with its people in a unit of their own."""

import json
import secrets
import sys

from ldb import FLAG_MOD_ADD, FLAG_MOD_REPLACE, Dn, Message, MessageElement
from samba import sd_utils
from samba.auth import system_session
from samba.dsdb import UF_DONT_EXPIRE_PASSWD
from samba.ndr import ndr_unpack
from samba.dcerpc import security
from samba.param import LoadParm
from samba.samdb import SamDB

import delegation

ADMINISTRATORS = "AWS Delegated Administrators"
DELEGATED_GROUPS = {
    ADMINISTRATORS: "Members of this group can manage objects in the customer's OU.",
    "AWS Delegated Account Operators": "Limited account management, such as password resets.",
    "AWS Delegated Add Workstations To Domain Users": "Can join computers to the domain.",
}
FULL_CONTROL = "(OA;CIOI;RPWPCRCCDCLCLORCWOWDSDDTSW;;;%s)"


def main() -> None:
    wanted = json.load(sys.stdin)
    configuration = LoadParm()
    configuration.load(wanted["configuration"])
    directory = SamDB(url=wanted["database"], session_info=system_session(), lp=configuration)
    add_service_names(directory, wanted["dc_host"], wanted["domain"])
    lock_out(directory, wanted)
    if wanted["kind"] == "MicrosoftAD":
        fill_managed(directory, wanted)
    elif wanted["kind"] == "SimpleAD":
        fill_simple(directory, wanted)
    else:
        fill_self_managed(directory, wanted)


def fill_managed(directory: SamDB, wanted: dict) -> None:
    customer_ou = f"OU={wanted['netbios']}"
    for unit in (customer_ou, f"OU=Users,{customer_ou}", f"OU=Computers,{customer_ou}",
                 "OU=AWS Delegated Groups", "OU=AWS Reserved"):
        directory.create_ou(f"{unit},{wanted['base_dn']}")
    for name, description in DELEGATED_GROUPS.items():
        directory.newgroup(name, groupou="OU=AWS Delegated Groups", description=description)
    directory.newuser(wanted["admin"], wanted["admin_password"], userou=f"OU=Users,{customer_ou}")
    directory.add_remove_group_members(ADMINISTRATORS, [wanted["admin"]])
    add_accounts(directory, wanted, f"OU=Users,{customer_ou}")
    delegate(directory, f"{customer_ou},{wanted['base_dn']}")
    for account in ("join", "leave"):
        add_service_account(directory, wanted, account, f"OU=Users,{customer_ou}")
    computers = f"OU=Computers,{customer_ou},{wanted['base_dn']}"
    delegation.let_join(directory, wanted["join_user"], computers)
    delegation.let_leave(directory, wanted["leave_user"], computers, wanted["domain"])


def fill_simple(directory: SamDB, wanted: dict) -> None:
    directory.setpassword(f"(sAMAccountName={wanted['admin']})", wanted["admin_password"])
    add_accounts(directory, wanted, "CN=Users")
    for name in wanted["service_accounts"]:
        directory.newuser(name, random_password(), userou="CN=Users")


def fill_self_managed(directory: SamDB, wanted: dict) -> None:
    """The service accounts lie outside the people's unit: none has rights on another or on itself."""
    directory.setpassword(f"(sAMAccountName={wanted['admin']})", wanted["admin_password"])
    directory.create_ou(wanted["users"])
    unit = wanted["users"].removesuffix(f",{wanted['base_dn']}")
    add_accounts(directory, wanted, unit)
    for account in ("contain", "lookup"):
        add_service_account(directory, wanted, account, "CN=Users")
    directory.newuser(wanted["administrator"], random_password(), userou=unit)
    directory.newgroup("Server Admins", groupou=unit)
    directory.add_remove_group_members("Server Admins", [wanted["administrator"]])
    directory.add_remove_group_members("Domain Admins", ["Server Admins"])
    delegation.let_contain(directory, wanted["contain_user"], wanted["users"])


def lock_out(directory: SamDB, wanted: dict) -> None:
    """Times are negative, in steps of 100 ns (MS-SAMR 2.2.4.1)."""
    for name, value in {
        "lockoutThreshold": wanted["lockout_threshold"],
        "lockoutDuration": -wanted["lockout_seconds"] * 10_000_000,
        "lockOutObservationWindow": -wanted["lockout_seconds"] * 10_000_000,
    }.items():
        change = Message(Dn(directory, wanted["base_dn"]))
        change[name] = MessageElement(str(value), FLAG_MOD_REPLACE, name)
        directory.modify(change)


def add_service_names(directory: SamDB, host: str, domain: str) -> None:
    """Let Kerberos know the LDAP service. The server would (samba_spnupdate) if it ran with all of its services."""
    account = directory.search(expression="(sAMAccountName=DC1$)", attrs=[])[0]
    names = [f"ldap/{host}", "ldap/DC1", f"ldap/{host}/{domain}", f"GC/{host}/{domain}"]
    change = Message(account.dn)
    change["names"] = MessageElement(names, FLAG_MOD_ADD, "servicePrincipalName")
    directory.modify(change)


def add_accounts(directory: SamDB, wanted: dict, users_ou: str) -> None:
    """The lab's operator, who like Admin has a given password that stays valid; people with passwords that nobody knows."""
    directory.newuser(wanted["operator"], wanted["operator_password"], description="Operates the lab; not part of AWS")
    for account in (wanted["admin"], wanted["operator"]):
        keep_password(directory, account)
    directory.add_remove_group_members("Domain Admins", [wanted["operator"]])
    for name, (given, surname) in wanted["people"].items():
        directory.newuser(name, random_password(), userou=users_ou, givenname=given, surname=surname,
                          mailaddress=f"{name}@{wanted['domain']}")
    for name, members in wanted["groups"].items():
        directory.newgroup(name, groupou=users_ou)
        directory.add_remove_group_members(name, members)


def add_service_account(directory: SamDB, wanted: dict, account: str, unit: str) -> None:
    directory.newuser(wanted[f"{account}_user"], wanted[f"{account}_password"], userou=unit)
    keep_password(directory, wanted[f"{account}_user"])


def keep_password(directory: SamDB, account: str) -> None:
    directory.toggle_userAccountFlags(f"(sAMAccountName={account})", UF_DONT_EXPIRE_PASSWD, on=True)


def random_password() -> str:
    return secrets.token_urlsafe(24) + "aA1!"


def delegate(directory: SamDB, unit: str) -> None:
    """Give the delegated administrators control of all below the customer's OU."""
    group = directory.search(expression=f"(sAMAccountName={ADMINISTRATORS})", attrs=["objectSid"])[0]
    sid = ndr_unpack(security.dom_sid, group["objectSid"][0])
    sd_utils.SDUtils(directory).dacl_add_ace(unit, FULL_CONTROL % sid)


main()
