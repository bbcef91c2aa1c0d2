"""A Windows host with the AD tools, emulated: what the leave document of stacks/member.yaml does there is done here by LDAP,
with the parameters that were sent. The PowerShell itself never runs in the lab.

An instance with the tag `lab:platform=windows` is one. It acts with the operator's rights; which rights a real host's computer
account needs is for whoever sets one up. Other documents do nothing on it.
"""

import ipaddress
import json

from ldap3.utils.conv import escape_filter_chars

from lab import settings
from lab.aws import active_directory as ad
from lab.aws.services import ec2

TAG, STEP = ("lab:platform", "windows"), "leaveDomain"
ZONE = f"CN=MicrosoftDNS,DC=DomainDnsZones,{settings.BASE_DN}"
# Exit codes of the document.
_UNUSABLE, _NO_CONNECTION, _NO_PERMISSION = 10, 14, 17
# MS-DNSP 2.2.2.2.1.1: an A record's type, little-endian, after the length of its data.
_A = (1).to_bytes(2, "little")


def is_one(name, account, region):
    instance = next((i for i in ec2.visible(account, region) if i["id"] == name), None)
    return instance is not None and instance["tags"].get(TAG[0]) == TAG[1]


def run(step, values):
    """The exit code and what stands on stdout."""
    if step != STEP:
        return 0, b""
    given = {name: items[0] for name, items in values.items()}
    if not given["Sid"] and not given["Marker"]:
        return _failed(_UNUSABLE, "unusable-parameter", "Sid or Marker: one is needed")
    try:
        with ad.opened() as connection:
            outcome = "left" if _remove_computer(connection, given) else "gone"
            records = _remove_records(connection, given)
    except ad.Unavailable as error:
        return _failed(_NO_CONNECTION, "no-connection", str(error))
    except ad.Refused as error:
        return _failed(_NO_PERMISSION, "no-permission", error.description)
    return _answer(0, outcome=outcome, computer=given["ComputerName"].lower(), dnsRecords=records)


def _remove_computer(connection, given):
    proof = f"(objectSid={given['Sid']})"
    if not given["Sid"]:
        name, marker = escape_filter_chars(given["ComputerName"]), escape_filter_chars(given["Marker"])
        proof = f"(sAMAccountName={name}$)(description={marker})"
    found = ad.search(connection, f"(&(objectClass=computer){proof})")
    for computer in found:
        ad.delete(connection, computer.dn)
    return bool(found)


def _remove_records(connection, given):
    """Of the host's name in the domain's zone, those that still lead to its address."""
    zone = given["DnsZone"] or given["Domain"]
    label, dot, rest = given["HostName"].partition(".")
    if not dot or rest.lower() != zone.lower() or not given["Address"]:
        return 0
    connection.search(f"DC={zone},{ZONE}", f"(&(objectClass=dnsNode)(name={escape_filter_chars(label)}))",
                      attributes=["dnsRecord"])
    nodes = [node for node in connection.response or [] if node["type"] == "searchResEntry"]
    address = ipaddress.ip_address(given["Address"]).packed
    removed = 0
    for node in nodes:
        records = node["raw_attributes"].get("dnsRecord", [])
        leading = [record for record in records if record[2:4] == _A and record[-4:] == address]
        if leading and len(leading) == len(records):
            ad.delete(connection, node["dn"])
        removed += len(leading)
    return removed


def _failed(code, reason, detail):
    return _answer(code, outcome="failed", reason=reason, detail=detail[:200])


def _answer(code, **fields):
    return code, (json.dumps({"adsteward": 1, "action": "leave"} | fields) + "\n").encode()
