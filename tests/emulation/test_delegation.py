"""What the two accounts may do that make and remove computer objects, and that they may do nothing else."""

import json
import subprocess
import unittest

from lab import paths, settings, state
from lab.domains import MANAGED

from emulation.bed import aws, token
from emulation.directory_bed import ZONE, computer, is_there, joiner, leaver, operator
from emulation.test_directories import lab

# An A record of 10.98.1.77 (MS-DNSP 2.3.2.2).
ADDRESS_RECORD = bytes.fromhex("04000100" "05f00000" "01000000" "00000e10" "00000000" "00000000" "0a62014d")


class Delegation(unittest.TestCase):
    def setUp(self):
        self.name = f"ec2-{token()[:8]}"
        self.dn = f"CN={self.name},{settings.COMPUTERS_OU}"

    def make(self, name=None, unit=settings.COMPUTERS_OU):
        name = name or self.name
        self.assertTrue(operator().add(f"CN={name},{unit}", **computer(name)))
        return f"CN={name},{unit}"


class Joiner(Delegation):
    def test_it_makes_computers_in_the_unit_and_nothing_else_there(self):
        self.assertTrue(joiner().add(self.dn, **computer(self.name)))
        user, group = f"CN=u{self.name},{settings.COMPUTERS_OU}", f"CN=g{self.name},{settings.COMPUTERS_OU}"
        self.assertFalse(joiner().add(user, objectClass="user", sAMAccountName=f"u{self.name}"[:20]))
        self.assertFalse(joiner().add(group, objectClass="group", sAMAccountName=f"g{self.name}"))

    def test_it_makes_none_elsewhere_and_removes_none(self):
        for unit in settings.USERS_OU, settings.CUSTOMER_OU, f"CN=Computers,{MANAGED.base_dn}":
            self.assertFalse(joiner().add(f"CN={self.name},{unit}", **computer(self.name)), unit)
        self.assertFalse(joiner().delete(self.make()))

    def test_it_changes_of_a_computer_what_a_join_changes(self):
        self.make()
        allowed = {
            "unicodePwd": '"Correct-Horse-7-Battery"'.encode("utf-16-le"), "userAccountControl": "4096",
            "msDS-SupportedEncryptionTypes": "24", "dNSHostName": f"{self.name}.{MANAGED.name}",
            "servicePrincipalName": f"HOST/{self.name}",
        }  # fmt: skip
        for name, value in allowed.items():
            self.assertTrue(joiner().replace(self.dn, name, value), name)
        for name, value in {"description": "x", "dNSHostName": MANAGED.dc_host, "sAMAccountName": "x$"}.items():
            self.assertFalse(joiner().replace(self.dn, name, value), name)

    def test_it_changes_no_computer_elsewhere(self):
        elsewhere = self.make(unit=f"CN=Computers,{MANAGED.base_dn}")
        for dn in elsewhere, f"CN=martha.rivera,{settings.USERS_OU}":
            self.assertFalse(joiner().replace(dn, "userAccountControl", "514"), dn)

    def test_an_instance_joins_with_it_again_and_again(self):
        instance = lab("instance", "run", "--unjoined", "--tag", "autoadjoin=false").strip()
        self.addCleanup(lab, "instance", "terminate", instance)
        parameter = aws("ssm").get_parameter(Name=settings.JOIN_USER_PARAMETER, WithDecryption=True)["Parameter"]
        self.assertEqual(parameter["Type"], "SecureString")
        join = ["adcli", "join", f"--domain={MANAGED.name}", f"--domain-ou={settings.COMPUTERS_OU}"]
        join += [f"--computer-name={self.name}", f"--host-fqdn={self.name}.{MANAGED.name}"]
        join += [f"--login-user={settings.JOIN_USER}", "--stdin-password"]
        for _ in range(2):
            lab("instance", "exec", instance, "--", *join, stdin=parameter["Value"])
            lab("instance", "exec", instance, "--", "kinit", "-k", f"{self.name}$@{MANAGED.realm}")


class Leaver(Delegation):
    def test_its_secret_is_in_the_shape_of_seamless_join(self):
        secret = aws("secretsmanager").get_secret_value(SecretId=settings.COMPUTER_SECRET_ARN)
        self.assertEqual((secret["ARN"], secret["Name"]), (settings.COMPUTER_SECRET_ARN, settings.COMPUTER_SECRET))
        self.assertEqual(json.loads(secret["SecretString"]), {
            "awsSeamlessDomainDirectoryId": MANAGED.directory_id, "awsSeamlessDomainUsername": settings.LEAVE_USER,
            "awsSeamlessDomainPassword": MANAGED.password(state.load(), "leave"),
        })  # fmt: skip

    def test_it_removes_a_computer_with_its_children(self):
        for tree in False, True:
            self.make()
            child = f"CN=child,{self.dn}"
            self.assertTrue(operator().add(child, objectClass="serviceConnectionPoint"))
            self.assertFalse(leaver().delete(self.dn))
            if not tree:
                self.assertTrue(leaver().delete(child))
            self.assertTrue(leaver().delete(self.dn, *(["-e", "!1.2.840.113556.1.4.805"] if tree else [])), tree)
            self.assertFalse(is_there(self.dn))

    def test_it_removes_a_computer_that_it_does_not_own_and_nothing_else(self):
        group = f"CN=g{self.name},{settings.COMPUTERS_OU}"
        self.assertTrue(operator().add(group, objectClass="group", sAMAccountName=f"g{self.name}"))
        elsewhere = self.make(unit=f"CN=Computers,{MANAGED.base_dn}")
        users = self.make(f"x{self.name}"[:15], settings.USERS_OU)
        for dn in group, elsewhere, users, settings.COMPUTERS_OU, f"CN=mateo.jackson,{settings.USERS_OU}":
            self.assertFalse(leaver().delete(dn), dn)

    def test_it_makes_and_changes_no_computer(self):
        self.assertFalse(leaver().add(self.dn, **computer(self.name)))
        self.make()
        for name, value in {"userAccountControl": "4098", "description": "x", "dNSHostName": f"x.{MANAGED.name}"}.items():
            self.assertFalse(leaver().replace(self.dn, name, value), name)

    def test_it_clears_and_removes_a_computers_node_of_the_zone(self):
        node = f"DC={self.name},{ZONE}"
        self.assertTrue(operator().add(node, objectClass="dnsNode", dnsRecord=ADDRESS_RECORD))
        self.assertTrue(leaver().replace(node, "dNSTombstoned", "TRUE"))
        self.assertTrue(leaver().replace(node, "dnsRecord", ADDRESS_RECORD))
        self.assertTrue(leaver().delete(node))
        self.assertFalse(is_there(node))

    def test_it_leaves_the_domain_controllers_own_alone(self):
        for name in "@", "dc1", "_ldap._tcp", "_kerberos._tcp":
            node = f"DC={name},{ZONE}"
            self.assertTrue(is_there(node), node)
            self.assertFalse(leaver().delete(node), node)
            self.assertFalse(leaver().replace(node, "dnsRecord", ADDRESS_RECORD), node)
        self.assertFalse(leaver().delete(ZONE))


class Authority(unittest.TestCase):
    def test_the_parameter_has_the_authority_of_the_domains_certificate_alone(self):
        authority = aws("ssm").get_parameter(Name=settings.LDAPS_CA_PARAMETER)["Parameter"]["Value"]
        self.assertEqual(authority.count("BEGIN CERTIFICATE"), 1)
        for address in MANAGED.dns_addresses:
            for name, fits in {MANAGED.name: True, MANAGED.dc_host: True, "simple.example.test": False}.items():
                self.assertEqual(self.verified(address, name, authority), fits, (address, name))

    def verified(self, address, name, authority):
        """Whether TLS with the domain controller at an address succeeds for a name."""
        code = "import socket, ssl, sys; context = ssl.create_default_context(cadata=sys.stdin.read()); "
        code += "context.wrap_socket(socket.create_connection((sys.argv[1], 636), 5), server_hostname=sys.argv[2])"
        command = [paths.ROOT / "scripts" / "lab", "exec", "--", "python3", "-c", code, address, name]
        return subprocess.run(command, input=authority, capture_output=True, text=True).returncode == 0
