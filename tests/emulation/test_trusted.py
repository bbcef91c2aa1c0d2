"""The domain of another forest: what AWS knows of it, what its delegated account may do, and its users on an instance."""

import json
import time
import unittest

from lab import settings, state
from lab.domains import MANAGED, TRUSTED

from emulation import bed
from emulation.directory_bed import Account, computer
from emulation.test_directories import OTHER, PASSWORD, Directory, lab
from emulation.test_ldap import UNAVAILABLE, Ldap

DISABLED = "514"


def container():
    return Account(settings.CONTAIN_USER, "contain", TRUSTED)


def operator():
    return Account(settings.OPERATOR_USER, "operator", TRUSTED)


def new_password(password):
    return f'"{password}"'.encode("utf-16-le")


def told():
    """What the product is told of the domain."""
    secret = bed.aws("secretsmanager").get_secret_value(SecretId=settings.TRUSTED_FOREST_SECRET_ARN)
    return json.loads(secret["SecretString"])


class Secret(unittest.TestCase):
    def test_it_names_the_domain_its_controllers_its_authority_and_the_delegated_account(self):
        value = told()
        authority = value.pop("ca")
        self.assertEqual(value, {
            "domain": TRUSTED.name, "netbios": TRUSTED.netbios, "controllers": list(TRUSTED.dns_addresses),
            "username": settings.CONTAIN_USER, "password": TRUSTED.password(state.load(), "contain"),
        })  # fmt: skip
        self.assertEqual(authority.count("BEGIN CERTIFICATE"), 1)


class Controllers(Ldap):
    def ask(self, address):
        value = told()
        user = f"{value['username']}@{value['domain']}"
        return self.invoke(
            address=address, domain=value["domain"], authority=value["ca"], user=user, password=value["password"]
        )

    def test_each_takes_the_account_of_the_secret_and_meets_faults(self):
        for address in told()["controllers"]:
            self.assertEqual(self.ask(address), [0], address)
        self.fault("Bind", "error-before")
        self.assertEqual(self.ask(address), [UNAVAILABLE])


class Delegation(Directory):
    def setUp(self):
        super().setUp()
        self.name = self.new_user(TRUSTED)
        self.dn = f"CN={self.name},{TRUSTED.users}"

    def test_it_disables_and_enables_people_and_gives_them_passwords(self):
        self.assertTrue(container().replace(self.dn, "userAccountControl", DISABLED))
        self.assertFalse(self.logs_in(TRUSTED, self.name))
        self.assertTrue(container().replace(self.dn, "unicodePwd", new_password(OTHER)))
        self.assertFalse(self.logs_in(TRUSTED, self.name, OTHER))
        self.assertTrue(container().replace(self.dn, "userAccountControl", "512"))
        self.assertTrue(self.logs_in(TRUSTED, self.name, OTHER))

    def test_it_changes_nothing_else_of_them(self):
        for name, value in {"description": "x", "sAMAccountName": "x", "servicePrincipalName": "x/y", "lockoutTime": "0"}.items():
            self.assertFalse(container().replace(self.dn, name, value), name)
        self.assertFalse(container().delete(self.dn))
        self.assertFalse(container().replace(f"CN=Engineering,{TRUSTED.users}", "member", self.dn))
        user = {"objectClass": "user", "sAMAccountName": f"x{self.name}"}
        self.assertFalse(container().add(f"CN=x{self.name},{TRUSTED.users}", **user))

    def test_it_changes_no_computer_and_nobody_outside_the_unit_nor_itself(self):
        machine = f"CN=c{self.name},{TRUSTED.users}"
        self.assertTrue(operator().add(machine, **computer(f"c{self.name}")))
        names = ("Administrator", settings.OPERATOR_USER, settings.CONTAIN_USER, settings.LOOKUP_USER)
        for dn in machine, *(f"CN={name},CN=Users,{TRUSTED.base_dn}" for name in names):
            self.assertFalse(container().replace(dn, "userAccountControl", DISABLED), dn)
            self.assertFalse(container().replace(dn, "unicodePwd", new_password(OTHER)), dn)

    def test_it_sees_whom_groups_make_an_administrator(self):
        dn = f"CN={settings.TRUSTED_ADMINISTRATOR},{TRUSTED.users}"
        nested = f"(memberOf:1.2.840.113556.1.4.1941:=CN=Domain Admins,CN=Users,{TRUSTED.base_dn})"
        self.assertTrue(container().search(nested, "userAccountControl", base=dn))
        self.assertFalse(container().search(nested, "userAccountControl", base=self.dn))


class OnAnInstance(Directory):
    def test_a_user_logs_in_by_his_full_name_beside_his_namesake_until_he_is_disabled(self):
        name = self.new_user(TRUSTED)
        self.account(MANAGED, "create", name, password=PASSWORD)
        instance = lab("instance", "run", "--joined").strip()
        self.addCleanup(lab, "instance", "terminate", instance)

        def log_in(user):
            return lab("instance", "exec", instance, "--user", user, "--", "id", "--user", "--name")

        full = f"{name}@{TRUSTED.name}"
        self.assertEqual([log_in(user).strip() for user in (full, name)], [full, name])
        self.account(TRUSTED, "set", name, "disabled")
        time.sleep(6)  # sssd.conf(5): pam_id_timeout
        with self.assertRaisesRegex(AssertionError, "Permission denied"):
            log_in(full)
        self.assertEqual(log_in(name).strip(), name)


class OfAReset(Directory):
    def test_the_domain_and_the_secret_go_back_to_the_snapshot(self):
        name, before = self.new_user(TRUSTED), told()
        lab("reset")
        self.assertFalse(self.logs_in(TRUSTED, name))
        self.assertEqual(told(), before)
