"""Rights on computer objects for two accounts and on people for a third, as little as each needs. Runs where content.py does.

Sources: adcli(8), "DELEGATED PERMISSIONS"; MS-ADTS 5.1.3.2 (access rights), 5.1.3.2.1 (control access rights), 3.1.1.5.3.1.1
(validated writes); MS-ADSC, MS-ADA1 and MS-ADA2 (schemaIDGUID of classes and attributes); MS-DNSP 2.3 (zones and nodes).
"""

from samba import sd_utils
from samba.dcerpc import security
from samba.ndr import ndr_unpack

USER = "bf967aba-0de6-11d0-a285-00aa003049e2"
COMPUTER = "bf967a86-0de6-11d0-a285-00aa003049e2"
DNS_NODE = "e0fa1e8c-9b45-11d0-afdd-00c04fd930c9"
DNS_RECORD = "e0fa1e69-9b45-11d0-afdd-00c04fd930c9"
DNS_TOMBSTONED = "d5eb2eb7-be4e-463b-a214-634a44d7392e"
RESET_PASSWORD = "00299570-246d-11d0-a768-00aa006e0529"
USER_ACCOUNT_CONTROL = "bf967a68-0de6-11d0-a285-00aa003049e2"
ACCOUNT_RESTRICTIONS = "4c164200-20c0-11d0-a768-00aa006e0529"
VALIDATED_HOST_NAME = "72e39547-7b18-11d1-adef-00c04fd8d5cd"
VALIDATED_SERVICE_NAME = "f3a64788-5306-11d1-a9c5-0000f80367c1"
ENCRYPTION_TYPES = "20119867-1d04-4ab7-9371-cfc3d5df0afd"

# On the unit: make computers. On the computers in it: what adcli changes of one that is there already.
JOIN = (
    f"(OA;CI;CC;{COMPUTER};;%s)",
    f"(OA;CIIO;CR;{RESET_PASSWORD};{COMPUTER};%s)",
    f"(OA;CIIO;WP;{ACCOUNT_RESTRICTIONS};{COMPUTER};%s)",
    f"(OA;CIIO;SW;{VALIDATED_HOST_NAME};{COMPUTER};%s)",
    f"(OA;CIIO;SW;{VALIDATED_SERVICE_NAME};{COMPUTER};%s)",
    f"(OA;CIIO;WP;{ENCRYPTION_TYPES};{COMPUTER};%s)",
)
# Computers with all that lies below them; in the zone, nodes and what they hold.
LEAVE = (f"(OA;CIIO;SDDTDC;;{COMPUTER};%s)",)
LEAVE_ZONE = (
    f"(OA;CIIO;SD;;{DNS_NODE};%s)",
    f"(OA;CIIO;WP;{DNS_RECORD};{DNS_NODE};%s)",
    f"(OA;CIIO;WP;{DNS_TOMBSTONED};{DNS_NODE};%s)",
)
# Disabling and enabling people of the unit, and a new password for them.
CONTAIN = (
    f"(OA;CIIO;WP;{USER_ACCOUNT_CONTROL};{USER};%s)",
    f"(OA;CIIO;CR;{RESET_PASSWORD};{USER};%s)",
)
# The domain controllers' own nodes are there before any computer's.
NOT_OF_COMPUTERS = "(D;;WPSD;;;%s)"


def let_join(directory, account, unit):
    _grant(directory, account, unit, JOIN)


def let_leave(directory, account, unit, domain):
    _grant(directory, account, unit, LEAVE)
    zone = f"DC={domain},CN=MicrosoftDNS,DC=DomainDnsZones,{directory.domain_dn()}"
    _grant(directory, account, zone, LEAVE_ZONE)
    for node in directory.search(zone, expression="(objectClass=dnsNode)", attrs=[]):
        _grant(directory, account, node.dn, (NOT_OF_COMPUTERS,))


def let_contain(directory, account, unit):
    _grant(directory, account, unit, CONTAIN)


def _grant(directory, account, dn, entries):
    found = directory.search(expression=f"(sAMAccountName={account})", attrs=["objectSid"])[0]
    sid = ndr_unpack(security.dom_sid, found["objectSid"][0])
    sd_utils.SDUtils(directory).dacl_add_ace(dn, "".join(entries) % ((sid,) * len(entries)))
