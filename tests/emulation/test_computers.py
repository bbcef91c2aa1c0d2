import json
import subprocess
import unittest

from botocore.exceptions import ConnectionClosedError

from lab import aws_service, client, paths, settings
from lab.domains import MANAGED, SIMPLE

from emulation import bed
from emulation.bed import as_user, refused, token
from emulation.directory_bed import operator
from emulation.logs_bed import until
from emulation.security_log_bed import SecurityLogCase
from emulation.test_directories import lab

PASSWORD = "One-Time-Password-7 \u00e4"


class Computers(unittest.TestCase):
    def setUp(self):
        self.ds, self.name = bed.aws("ds"), f"ec2-{token()[:8]}"

    def create(self, client=None, **more):
        wanted = {"DirectoryId": MANAGED.directory_id, "ComputerName": self.name, "Password": PASSWORD}
        return (client or self.ds).create_computer(**wanted | more)["Computer"]

    def found(self, *attributes):
        return operator().search(f"(sAMAccountName={self.name}$)", *attributes)

    def logs_in(self, password=PASSWORD):
        kinit = [paths.ROOT / "scripts" / "lab", "exec", "--", "kinit", "-c", "MEMORY:", f"{self.name}$@{MANAGED.realm}"]
        return subprocess.run(kinit, input=password + "\n", capture_output=True, text=True).returncode == 0


class Created(Computers):
    def test_the_answer_names_the_account_as_the_directory_has_it(self):
        answer = self.create(OrganizationalUnitDistinguishedName=settings.COMPUTERS_OU)

        (entry,) = self.found("objectSid", "userAccountControl", "objectClass")
        self.assertEqual(entry["userAccountControl"], ["4096"])
        self.assertIn("computer", entry["objectClass"])
        dn = f"CN={self.name},{settings.COMPUTERS_OU}"
        self.assertEqual(entry["dn"], [dn])
        self.assertEqual(answer["ComputerName"], self.name)
        shown = [{"Name": "DistinguishedName", "Value": dn}, {"Name": "WindowsSamName", "Value": f"{self.name}$"}]
        self.assertEqual(answer["ComputerAttributes"], shown)
        self.assertTrue(operator().search(f"(objectSid={answer['ComputerId']})"), answer["ComputerId"])

    def test_its_place_without_a_unit_is_the_default_container_of_either_directory(self):
        self.create()
        answer = self.create(DirectoryId=SIMPLE.directory_id)

        self.assertEqual(self.found()[0]["dn"], [f"CN={self.name},{settings.COMPUTERS_OU}"])
        self.assertEqual(answer["ComputerAttributes"][0]["Value"], f"CN={self.name},CN=Computers,{SIMPLE.base_dn}")

    def test_attributes_given_are_the_accounts(self):
        services = [f"A/{self.name}", f"B/{self.name}"]
        more = [("description", "adsteward i-1 n"), *(("servicePrincipalName", service) for service in services)]
        self.create(ComputerAttributes=[{"Name": name, "Value": value} for name, value in more])

        (entry,) = self.found("description", "servicePrincipalName")
        self.assertEqual(entry["description"], ["adsteward i-1 n"])
        self.assertEqual(sorted(entry["servicePrincipalName"]), services)

    def test_a_computer_joins_with_the_password_which_then_is_none_any_more(self):
        instance = lab("instance", "run", "--unjoined", "--tag", "autoadjoin=false").strip()
        self.addCleanup(lab, "instance", "terminate", instance)
        self.create()
        self.assertTrue(self.logs_in())

        join = ["adcli", "join", f"--domain={MANAGED.name}", f"--domain-controller={MANAGED.dc_host}"]
        join += [f"--computer-name={self.name}", f"--host-fqdn={self.name}.{MANAGED.name}"]
        join += ["--login-type=computer", "--stdin-password"]
        lab("instance", "exec", instance, "--", *join, stdin=PASSWORD)
        lab("instance", "exec", instance, "--", "kinit", "-k", f"{self.name}$@{MANAGED.realm}")

        (entry,) = self.found("dNSHostName")
        self.assertEqual(entry["dNSHostName"], [f"{self.name}.{MANAGED.name}"])
        self.assertFalse(self.logs_in())


class Refused(Computers):
    def test_a_name_that_any_account_has_is_taken_and_its_owner_stays_as_he_is(self):
        before = self.create()
        elsewhere = f"OU=Users,{settings.CUSTOMER_OU}"
        for more in (
            {},
            {"OrganizationalUnitDistinguishedName": elsewhere},
            {"ComputerName": self.name.upper(), "OrganizationalUnitDistinguishedName": elsewhere},
        ):
            refused(self, "EntityAlreadyExistsException", self.create, Password="Another-Password-8", **more)

        self.assertTrue(self.logs_in())
        self.assertTrue(operator().search(f"(objectSid={before['ComputerId']})"))

    def test_only_units_of_the_customers_are_a_place(self):
        for unit in (
            f"CN=Computers,{MANAGED.base_dn}", MANAGED.base_dn, "OU=Domain Controllers," + MANAGED.base_dn,
            f"OU=Nowhere,{settings.CUSTOMER_OU}", f"CN=martha.rivera,{settings.USERS_OU}", "somewhere",
            f"OU=X{settings.CUSTOMER_OU}",
        ):  # fmt: skip
            refused(self, "InvalidParameterException", self.create, OrganizationalUnitDistinguishedName=unit)
        self.assertEqual(self.found(), [])
        self.create(OrganizationalUnitDistinguishedName=settings.COMPUTERS_OU.replace(",", ", ").lower())

    def test_what_the_directory_refuses_leaves_nothing_behind(self):
        for more in (
            {"ComputerAttributes": [{"Name": "noSuchAttribute", "Value": "x"}]},
            {"ComputerAttributes": [{"Name": "SAMACCOUNTNAME", "Value": "dc1$"}]},
            {"ComputerAttributes": [{"Name": "userAccountControl", "Value": "8192"}]},
            {"ComputerName": "a/b"},
        ):
            message = refused(self, "InvalidParameterException", self.create, **more)
            self.assertNotIn(PASSWORD, message)
        self.assertEqual(self.found(), [])

    def test_names_and_passwords_have_the_documented_lengths(self):
        client = bed.unchecked("ds")
        for more in {"ComputerName": "x" * 16}, {"Password": "Short-7"}, {"Password": "A-1" + "x" * 62}:
            message = refused(self, "ValidationException", self.create, client, **more)
            self.assertNotIn("xxx", message.replace("x" * 16, ""))
        self.create(ComputerName=("y" + self.name + token())[:15], Password="A-1" + "x" * 61)

    def test_a_directory_of_another_account_or_region_is_not_there(self):
        for account, region in ((settings.MEMBER_ACCOUNT_ID, settings.REGION), (None, settings.MEMBER_REGION)):
            other = client.client("ds", account, region)
            refused(self, "EntityDoesNotExistException", self.create, other)

    def test_the_caller_must_be_allowed_it_on_the_directory(self):
        mine = f"arn:aws:ds:{settings.REGION}:{settings.ACCOUNT_ID}:directory/"
        other = as_user("ds", bed.allow("ds:CreateComputer", resource=mine + SIMPLE.directory_id))
        refused(self, "AccessDeniedException", self.create, other)
        self.create(as_user("ds", bed.allow("ds:CreateComputer", resource=mine + MANAGED.directory_id)))


class Recorded(Computers, SecurityLogCase):
    def setUp(self):
        SecurityLogCase.setUp(self)
        Computers.setUp(self)

    def test_a_computer_is_an_event_of_the_security_log(self):
        self.create()

        (event,) = until(lambda: self.events(f"{self.name}$"), bool)
        self.assertEqual(event["id"], 4741)

    def test_the_password_stands_in_no_record(self):
        secret = f"Canary-{token()}"
        before = len(paths.CALLS.read_text().splitlines())
        self.create(Password=secret)
        refused(self, "EntityAlreadyExistsException", self.create, Password=secret)

        calls = [line for line in paths.CALLS.read_text().splitlines()[before:] if self.name in line]
        self.assertEqual([json.loads(call)["operation"] for call in calls], ["CreateComputer", "CreateComputer"])
        self.assertNotIn(secret, "".join(calls))
        for log in paths.LOGS.iterdir():
            self.assertNotIn(secret, log.read_text(errors="replace"), log)

    def test_a_lost_answer_has_its_effect(self):
        declared = {"service": "ds", "operation": "CreateComputer", "kind": "lost-answer"}
        aws_service.admin("fault", {"declare": declared})
        with self.assertRaises(ConnectionClosedError):
            self.create()
        refused(self, "EntityAlreadyExistsException", self.create)
