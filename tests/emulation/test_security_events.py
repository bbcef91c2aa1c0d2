import json
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from lab.aws.security_log import audit, events, uac, xml
from lab.aws.security_log.accounts import Account, Accounts
from lab.aws.security_log.names import first, key, parent
from lab.domains import MANAGED

OU = "OU=Users,OU=CORP,DC=corp,DC=example,DC=test"
DOMAIN_SID = "S-1-5-21-1-2-3"
OPERATOR = f"{DOMAIN_SID}-1103"
NAMESPACE = "{http://schemas.microsoft.com/win/2004/08/events/event}"
# Microsoft's pages of the events, "Event XML", for users of a domain.
TARGET = ["TargetUserName", "TargetDomainName", "TargetSid"]
SUBJECT = ["SubjectUserSid", "SubjectUserName", "SubjectDomainName", "SubjectLogonId"]
SHOWN = [
    "SamAccountName", "DisplayName", "UserPrincipalName", "HomeDirectory", "HomePath", "ScriptPath", "ProfilePath",
    "UserWorkstations", "PasswordLastSet", "AccountExpires", "PrimaryGroupId", "AllowedToDelegateTo", "OldUacValue",
    "NewUacValue", "UserAccountControl", "UserParameters", "SidHistory", "LogonHours",
]  # fmt: skip
FIELDS = {
    4720: [*TARGET, *SUBJECT, "PrivilegeList", *SHOWN],
    4722: [*TARGET, *SUBJECT],
    4723: [*TARGET, *SUBJECT],
    4724: [*TARGET, *SUBJECT],
    4725: [*TARGET, *SUBJECT],
    4726: [*TARGET, *SUBJECT, "PrivilegeList"],
    4738: ["Dummy", *TARGET, *SUBJECT, "PrivilegeList", *SHOWN],
    4741: [*TARGET, *SUBJECT, "PrivilegeList", *SHOWN, "DnsHostName", "ServicePrincipalNames"],
    4742: ["ComputerAccountChange", *TARGET, *SUBJECT, "PrivilegeList", *SHOWN, "DnsHostName", "ServicePrincipalNames"],
    4743: [*TARGET, *SUBJECT, "PrivilegeList"],
    4781: ["OldTargetUserName", "NewTargetUserName", *TARGET[1:], *SUBJECT, "PrivilegeList"],
}


def line(operation, dn, attributes=None, *, status=0, who=OPERATOR):
    """A line of Samba's audit; an attribute's value None is a redacted one."""
    listed = {name: {"actions": actions(values)} for name, values in (attributes or {}).items()}
    change = {
        "version": {"major": 1, "minor": 0}, "statusCode": status, "status": "Success", "operation": operation,
        "remoteAddress": "ipv4:10.98.0.1:51234", "performedAsSystem": False, "userSid": who, "dn": dn,
        "transactionId": "e5b9bb1a-3b1c-4c1b-8d1c-2d2a0c1f1c1b", "sessionId": "0051f0aa-1111-2222-3333-444444444444",
        "attributes": listed,
    }  # fmt: skip
    told = {"timestamp": "2026-11-21T12:00:01.234567+0100", "type": "dsdbChange", "dsdbChange": change}
    return b"  " + json.dumps(told).encode()


def actions(values):
    """`[("delete", None), ("add", None)]`, or the values of one replacement."""
    if isinstance(values, list) and values and isinstance(values[0], tuple):
        return [action(name, value) for name, value in values]
    return [action("replace", values)]


def action(name, values):
    if values is None:
        return {"action": name, "redacted": True}
    return {"action": name, "values": [{"value": value} for value in values]}


def user(name, **attributes):
    own = {"objectClass": ["top", "person", "user"], "sAMAccountName": [name], "userAccountControl": ["514"]}
    return line("Add", f"CN={name},{OU}", own | {key: [value] for key, value in attributes.items()})


def modified(name, **attributes):
    return line("Modify", f"CN={name},{OU}", attributes)


class Directory:
    """A domain as it is when it is looked at."""

    def __init__(self):
        self.accounts = [Account(f"CN=lab-operator,CN=Users,{MANAGED.base_dn}", OPERATOR, "lab-operator", 0x10200)]

    def add(self, name, *, deleted=False, kinds=("user",), dn=None):
        number = 1200 + len(self.accounts)
        dn = dn or f"CN={name},{OU}"
        self.accounts.append(Account(dn, f"{DOMAIN_SID}-{number}", name, 0x202, list(kinds), deleted, number))

    def everyone(self):
        return self.found(lambda account: True)

    def at(self, dn):
        return self.found(lambda account: key(account.dn) == key(dn) and not account.deleted)

    def made(self, dn, name):
        return self.at(dn) + self.found(lambda account: account.name == name)

    def deleted_from(self, dn):
        return self.found(lambda account: key(account.dn) == key(dn) and account.deleted)

    def found(self, wanted):
        return [Account(**vars(account)) for account in self.accounts if wanted(account)]


class Derived(unittest.TestCase):
    def setUp(self):
        self.directory = Directory()
        self.log = events.Log(MANAGED, Accounts(self.directory))

    def new(self, *names, **how):
        for name in names:
            self.directory.add(name, **how)

    def derive(self, *lines):
        return [event for text in lines for event in self.log.of(audit.read(text))]

    def numbers(self, *lines):
        return [event.id for event in self.derive(*lines)]

    def made(self, name="alice"):
        self.new(name)
        return self.derive(user(name))

    def test_a_new_user_who_is_disabled_is_one_event(self):
        self.new("alice")
        (event,) = self.derive(user("alice", userPrincipalName="alice@corp.example.test", displayName="Alice"))

        wanted = {
            "TargetUserName": "alice", "TargetDomainName": "CORP", "TargetSid": f"{DOMAIN_SID}-1201",
            "SubjectUserSid": OPERATOR, "SubjectUserName": "lab-operator", "SubjectDomainName": "CORP",
            "SubjectLogonId": "0x51f0aa", "SamAccountName": "alice", "DisplayName": "Alice",
            "UserPrincipalName": "alice@corp.example.test", "HomeDirectory": "-", "PasswordLastSet": "%%1794",
            "PrimaryGroupId": "513", "OldUacValue": "0x0", "NewUacValue": "0x11",
            "UserAccountControl": "\r\n\t\t%%2080\r\n\t\t%%2084", "LogonHours": "%%1793",
        }  # fmt: skip
        self.assertEqual(event.id, 4720)
        self.assertEqual({name: event.data[name] for name in wanted}, wanted)

    def test_a_user_without_a_principal_name_has_a_hyphen(self):
        (event,) = self.made()
        self.assertEqual(event.data["UserPrincipalName"], "-")

    def test_a_new_user_who_is_enabled_is_two_events(self):
        self.new("alice")
        self.assertEqual(self.numbers(user("alice", userAccountControl="512")), [4720, 4722])

    def test_only_a_change_between_enabled_and_disabled_is_one_of_these_events(self):
        self.made()
        changes = [modified("alice", userAccountControl=[value]) for value in ("512", "66048", "66050", "66050")]
        numbers = [self.numbers(change) for change in changes]
        self.assertEqual(numbers, [[4722, 4738], [4738], [4725, 4738], []])

    def test_a_change_shows_the_flags_before_and_after(self):
        self.made()
        _enabled, changed = self.derive(modified("alice", userAccountControl=["66080"]))
        flags = [changed.data[name] for name in ("OldUacValue", "NewUacValue", "UserAccountControl")]
        self.assertEqual(flags, ["0x11", "0x214", "\r\n\t\t%%2048\r\n\t\t%%2082\r\n\t\t%%2089"])
        self.assertEqual(changed.data["DisplayName"], "-")

    def test_a_reset_is_another_event_than_the_owners_change(self):
        self.made()
        self.assertEqual(self.numbers(modified("alice", unicodePwd=None)), [4724, 4738])
        self.assertEqual(self.numbers(modified("alice", unicodePwd=[("delete", None), ("add", None)])), [4723, 4738])

    def test_what_directory_service_resets_is_enabled_reset_and_changed(self):
        self.made()
        both = modified("alice", unicodePwd=None, userAccountControl=["512"])
        self.assertEqual(self.numbers(both), [4722, 4724, 4738])

    def test_a_deleted_user_has_the_identifier_he_had(self):
        (made,) = self.made()
        (event,) = self.derive(line("Delete", f"cn=ALICE, {OU}"))
        self.assertEqual((event.id, event.data["TargetSid"]), (4726, made.data["TargetSid"]))
        self.assertEqual(self.derive(line("Delete", f"CN=alice,{OU}")), [])

    def test_a_name_that_is_used_again_is_another_user(self):
        (first,) = self.made()
        self.derive(line("Delete", f"CN=alice,{OU}"))
        (second,) = self.made()
        self.assertNotEqual(first.data["TargetSid"], second.data["TargetSid"])

    def test_users_who_are_gone_when_they_are_looked_for_are_told_apart(self):
        self.new("alice", deleted=True)
        self.new("alice", deleted=True)
        made, gone = user("alice"), line("Delete", f"CN=alice,{OU}")
        found = [(event.id, event.data["TargetSid"]) for event in self.derive(made, gone, made, gone)]
        first, second = f"{DOMAIN_SID}-1201", f"{DOMAIN_SID}-1202"
        self.assertEqual(found, [(4720, first), (4726, first), (4720, second), (4726, second)])

    def test_a_user_who_cannot_be_found_is_an_error_and_no_event(self):
        with self.assertRaises(LookupError):
            self.derive(user("alice"))

    def test_a_renamed_object_is_the_same_account(self):
        (made,) = self.made()
        account = self.directory.accounts[-1]
        account.dn = f"CN=Alice B,{OU}"
        enabled, _changed = self.derive(line("Modify", f"CN=Alice B,{OU}", {"userAccountControl": ["512"]}))
        account.dn, account.deleted = f"CN=Alice C,{OU}", True
        (deleted,) = self.derive(line("Delete", f"CN=Alice C,{OU}"))
        self.assertEqual({event.data["TargetSid"] for event in (enabled, deleted)}, {made.data["TargetSid"]})
        self.assertEqual((enabled.id, deleted.id), (4722, 4726))
        self.assertEqual(self.derive(line("Delete", f"CN=Alice C,{OU}")), [])

    def test_a_new_account_name_is_told_with_the_old_one(self):
        self.made()
        renamed, changed = self.derive(modified("alice", sAMAccountName=["bob"]))
        names = [renamed.data[name] for name in ("OldTargetUserName", "NewTargetUserName")]
        self.assertEqual((renamed.id, names), (4781, ["alice", "bob"]))
        self.assertEqual(changed.data["TargetUserName"], "bob")

    def test_computers_have_events_of_their_own_but_are_enabled_and_disabled_like_users(self):
        dn = f"CN=PC1,OU=Computers,{MANAGED.base_dn}"
        self.new("PC1$", kinds=("user", "computer"), dn=dn)
        own = {"objectClass": ["computer"], "sAMAccountName": ["PC1$"], "userAccountControl": ["4096"]}
        self.assertEqual(self.numbers(line("Add", dn, own)), [4741])
        self.assertEqual(self.numbers(line("Modify", dn, {"userAccountControl": ["4098"]})), [4725, 4742])
        self.assertEqual(self.numbers(line("Delete", dn)), [4743])

    def test_other_objects_and_other_attributes_are_not_in_the_log(self):
        self.made()
        group = line("Add", f"CN=Some,{OU}", {"objectClass": ["group"], "sAMAccountName": ["Some"]})
        for other in group, modified("alice", lastLogon=["1"]), line("Modify", f"CN=Some,{OU}", {"description": ["x"]}):
            self.assertEqual(self.derive(other), [])

    def test_what_the_domain_controller_does_itself_is_local_systems(self):
        self.made()
        (event, _) = self.derive(line("Modify", f"CN=alice,{OU}", {"userAccountControl": ["512"]}, who="S-1-5-18"))
        subject = [event.data[name] for name in SUBJECT]
        self.assertEqual(subject, ["S-1-5-18", "DC1$", "CORP", "0x3e7"])

    def test_each_event_has_the_fields_of_windows_in_their_order(self):
        self.new("alice")
        found = self.derive(
            user("alice", userAccountControl="512"), modified("alice", unicodePwd=None),
            modified("alice", unicodePwd=[("delete", None), ("add", None)]), modified("alice", userAccountControl=["514"]),
            modified("alice", sAMAccountName=["bob"]), line("Delete", f"CN=alice,{OU}"),
        )  # fmt: skip
        self.new("PC1$", kinds=("computer",))
        computer = {"objectClass": ["computer"], "sAMAccountName": ["PC1$"]}
        changed = line("Modify", "CN=PC1", {"displayName": ["x"]})
        found += self.derive(line("Add", "CN=PC1", computer), changed, line("Delete", "CN=PC1"))
        self.assertEqual({event.id for event in found}, FIELDS.keys())
        for event in found:
            self.assertEqual(list(event.data), FIELDS[event.id], event.id)
            self.assertTrue(all(isinstance(value, str) and value for value in event.data.values()), event)


class Flags(unittest.TestCase):
    def test_flags_are_written_as_the_sam_numbers_them(self):
        """Microsoft's sample of 4720: 0x15 is disabled, no password required, a normal account."""
        self.assertEqual(f"{uac.sam(0x222):x}", "15")
        self.assertEqual(uac.messages(0, 0x222).split(), ["%%2080", "%%2082", "%%2084"])
        self.assertEqual(uac.messages(0x222, 0x10200).split(), ["%%2048", "%%2050", "%%2089"])
        self.assertEqual(uac.messages(0x200, 0x200), "-")


class Rendered(unittest.TestCase):
    def setUp(self):
        directory = Directory()
        log = events.Log(MANAGED, Accounts(directory))
        directory.add("alice")
        (self.event,) = log.of(audit.read(user("alice", displayName="O'Hara <\"A&B\">")))

    def test_an_event_is_one_line_with_single_quotes(self):
        text = xml.render(self.event, 77, "DC1.corp.example.test")

        self.assertIn("<Data Name='TargetUserName'>alice</Data>", text)
        self.assertTrue(text.startswith("<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"))
        outside = text.replace("\r\n\t\t%%", "")
        self.assertNotIn("\n", outside)

    def test_a_reader_finds_what_was_meant(self):
        root = ElementTree.fromstring(xml.render(self.event, 77, "DC1.corp.example.test"))

        system = {child.tag.removeprefix(NAMESPACE): child for child in root[0]}
        texts = [system[name].text for name in ("EventID", "EventRecordID", "Channel", "Computer")]
        self.assertEqual(texts, ["4720", "77", "Security", "DC1.corp.example.test"])
        self.assertEqual(system["TimeCreated"].get("SystemTime"), "2026-11-21T11:00:01.2345670Z")
        self.assertEqual(system["Provider"].get("Name"), "Microsoft-Windows-Security-Auditing")
        data = {child.get("Name"): child.text for child in root[1]}
        self.assertEqual(data["DisplayName"], "O'Hara <\"A&B\">")
        self.assertEqual(data["UserAccountControl"].split(), ["%%2080", "%%2084"])


class Names(unittest.TestCase):
    def test_a_distinguished_name_is_known_however_it_is_spelt(self):
        spelt = "CN=Doe\\, J\u00f6hn,OU=Users", "cn=doe\\2c j\\C3\\B6hn, ou=USERS", "CN=DOE\\, J\u00d6HN,OU=users"
        self.assertEqual(len({key(dn) for dn in spelt}), 1)
        self.assertNotEqual(key("CN=Doe\\, John"), key("CN=Doe,CN=John"))

    def test_a_name_is_taken_apart(self):
        self.assertEqual(first("CN=Doe\\2C John, OU=Users"), "Doe, John")
        self.assertEqual(parent("CN=Doe\\, John, OU=A\\,B,DC=corp"), "OU=A\\,B,DC=corp")


class Stream(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name, "audit.log")
        self.stream = audit.Stream(self.path)

    def write(self, data):
        with open(self.path, "ab") as file:
            file.write(data)

    def names(self):
        return [change.value("sAMAccountName") for change in self.stream.changes()]

    def test_changes_come_once_and_whole(self):
        self.assertEqual(self.names(), [])
        whole = user("alice") + b"\n" + user("bob") + b"\n"
        self.write(whole[:-40])
        self.assertEqual(self.names(), ["alice"])
        self.write(whole[-40:])
        self.assertEqual(self.names(), ["bob"])
        self.assertEqual(self.names(), [])

    def test_a_value_with_other_characters_than_asciis_is_readable(self):
        coded = {"value": "SsO2cmc=", "base64": True}
        told = json.loads(user("alice"))
        told["dsdbChange"]["attributes"]["displayName"] = {"actions": [{"action": "add", "values": [coded]}]}
        self.assertEqual(audit.read(json.dumps(told).encode()).value("displayName"), "Jörg")

    def test_what_was_there_before_is_skipped(self):
        self.write(user("alice") + b"\n")
        self.stream.skip()
        self.write(user("bob") + b"\n")
        self.assertEqual(self.names(), ["bob"])

    def test_other_lines_and_changes_that_failed_are_none(self):
        refused = line("Add", f"CN=carol,{OU}", {"objectClass": ["user"]}, status=53)
        for other in b"[2026/11/21 12:00:00.0, 3] audit_logging.c", b'  {"type": "dsdbTransaction"}', b"  {broken", refused, b"":
            self.assertIsNone(audit.read(other), other)
