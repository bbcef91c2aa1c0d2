import json
import subprocess
import unittest

from lab import paths, state
from lab.domains import ALL, MANAGED, SIMPLE, TRUSTED

from emulation import bed
from emulation.bed import refused

PASSWORD, OTHER = "Correct-Horse-7-Battery", "Second-Horse-8-Battery"


def lab(*arguments, stdin=""):
    ended = subprocess.run([paths.ROOT / "scripts" / "lab", *arguments], input=stdin, capture_output=True, text=True)
    if ended.returncode != 0:
        raise AssertionError(f"{arguments}: {ended.stderr}")
    return ended.stdout


class Directory(unittest.TestCase):
    def setUp(self):
        self.ds, self.data = bed.aws("ds"), bed.aws("ds-data")

    def account(self, domain, action, *arguments, password=""):
        chosen = {SIMPLE: ["--simple"], TRUSTED: ["--trusted"]}.get(domain, [])
        printed = lab("account", *chosen, action, *arguments, stdin=password + "\n")
        return json.loads(printed) if action == "show" else None

    def new_user(self, domain):
        name = f"u{bed.token()[:8]}"
        self.account(domain, "create", name, password=PASSWORD)
        return name

    def reset(self, domain, name, password=OTHER):
        self.ds.reset_user_password(DirectoryId=domain.directory_id, UserName=name, NewPassword=password)

    def logs_in(self, domain, name, password=PASSWORD):
        kinit = [paths.ROOT / "scripts" / "lab", "exec", "--", "kinit", "-c", "MEMORY:", f"{name}@{domain.realm}"]
        return subprocess.run(kinit, input=password + "\n", capture_output=True, text=True).returncode == 0


class Described(Directory):
    def test_each_directory_is_described_as_its_kind(self):
        found = self.ds.describe_directories()["DirectoryDescriptions"]

        kinds = {directory["DirectoryId"]: directory["Type"] for directory in found}
        self.assertEqual(kinds, {MANAGED.directory_id: "MicrosoftAD", SIMPLE.directory_id: "SimpleAD"})
        (one,) = self.ds.describe_directories(DirectoryIds=[SIMPLE.directory_id])["DirectoryDescriptions"]
        self.assertEqual((one["Name"], one["Size"]), ("simple.example.test", "Small"))
        refused(self, "EntityDoesNotExistException", self.ds.describe_directories, DirectoryIds=["d-9067000000"])

    def test_port_88_of_each_domain_answers_at_the_addresses_described(self):
        for directory in self.ds.describe_directories()["DirectoryDescriptions"]:
            self.assertEqual(len(directory["DnsIpAddrs"]), 2)
            for address in directory["DnsIpAddrs"]:
                lab("exec", "--", "bash", "-c", f"exec 3<>/dev/tcp/{address}/88")

    def test_the_administrators_log_in_with_the_passwords_of_the_environment(self):
        for domain in ALL:
            password = domain.password(state.load(), "admin")
            self.assertTrue(self.logs_in(domain, domain.admin_user, password), domain.name)

    def test_each_domain_knows_its_own_users_only(self):
        name = self.new_user(SIMPLE)

        self.assertTrue(self.logs_in(SIMPLE, name))
        self.assertFalse(self.logs_in(MANAGED, name))


class Reset(Directory):
    def test_a_reset_password_is_the_only_one_in_either_directory(self):
        for domain in MANAGED, SIMPLE:
            name = self.new_user(domain)

            self.reset(domain, name)

            self.assertEqual((self.logs_in(domain, name), self.logs_in(domain, name, OTHER)), (False, True), domain.name)

    def test_a_reset_enables_and_unlocks(self):
        for domain in MANAGED, SIMPLE:
            name = self.new_user(domain)
            for lost in "disabled", "locked":
                self.account(domain, "set", name, lost)

            self.reset(domain, name)

            shown = self.account(domain, "show", name)
            self.assertEqual((shown["enabled"], shown["locked"]), (True, False), domain.name)

    def test_a_password_that_the_policy_rejects_is_refused(self):
        for domain in MANAGED, SIMPLE:
            refused(self, "InvalidPasswordException", self.reset, domain, self.new_user(domain), "simple")

    def test_of_the_simple_ads_domain_admins_only_the_administrator_is_reset(self):
        refused(self, "UserDoesNotExistException", self.reset, SIMPLE, "lab-operator")
        password = SIMPLE.password(state.load(), "admin")
        self.reset(SIMPLE, "Administrator", password)
        self.assertTrue(self.logs_in(SIMPLE, "Administrator", password))

    def test_of_the_managed_directory_only_the_customers_users_are_reset(self):
        refused(self, "UserDoesNotExistException", self.reset, MANAGED, "lab-operator")


class DirectoryData(Directory):
    def test_there_is_none_of_a_simple_ad(self):
        wanted = {"DirectoryId": SIMPLE.directory_id, "SAMAccountName": "svc-backup"}
        refused(self, "ValidationException", self.data.describe_user, **wanted)
        refused(self, "ValidationException", self.data.disable_user, **wanted)
        for call in self.ds.describe_directory_data_access, self.ds.enable_directory_data_access:
            refused(self, "UnsupportedOperationException", call, DirectoryId=SIMPLE.directory_id)

    def test_an_unknown_directory_is_denied(self):
        wanted = {"DirectoryId": "d-9067000000", "SAMAccountName": "svc-backup"}
        refused(self, "AccessDeniedException", self.data.describe_user, **wanted)


class States(Directory):
    def test_an_account_is_put_into_each_state_and_back(self):
        for domain in ALL:
            name = self.new_user(domain)
            for lost, found, member in (
                ("disabled", "enabled", "enabled"),
                ("locked", "unlocked", "locked"),
                ("expired", "unexpired", "expired"),
                ("must-change", "changed", "must_change"),
            ):
                before = self.account(domain, "show", name)[member]
                self.account(domain, "set", name, lost)
                self.assertNotEqual(self.account(domain, "show", name)[member], before, (domain.name, lost))
                self.assertFalse(self.logs_in(domain, name), (domain.name, lost))
                self.account(domain, "set", name, found)
                self.assertEqual(self.account(domain, "show", name)[member], before, (domain.name, found))
                self.assertTrue(self.logs_in(domain, name), (domain.name, found))

    def test_five_wrong_passwords_lock_an_account_or_as_many_as_the_policy_says(self):
        self.addCleanup(lab, "policy", "--simple", "--lockout-threshold", "5")
        for threshold in 5, 2:
            lab("policy", "--simple", "--lockout-threshold", str(threshold))
            name = self.new_user(SIMPLE)
            for _ in range(threshold - 1):
                self.logs_in(SIMPLE, name, "wrong")
            self.assertTrue(self.logs_in(SIMPLE, name))
            for _ in range(threshold):
                self.logs_in(SIMPLE, name, "wrong")
            self.assertFalse(self.logs_in(SIMPLE, name))
