"""Sessions of roles in other accounts: who may have one, and what it may do and where."""

import json
import unittest

from lab import settings

from emulation import accounts_bed as bed
from emulation.accounts_bed import MEMBER, OWN, STRANGER, assumed, of, role, root, trust
from emulation.bed import allow, as_user, document, refused, token, unchecked
from emulation.test_directories import lab


def caller_role(*statements):
    """A role of the own account that its root may assume, and its session's clients."""
    arn = role(OWN, trust(root(OWN)), *statements)
    return arn, assumed(lambda service: of(OWN, service), arn)


class Trust(unittest.TestCase):
    def test_the_external_id_must_be_the_one_of_the_trust_policy(self):
        arn = role(MEMBER, trust(root(OWN), StringEquals={"sts:ExternalId": "right-id"}))
        _, caller = caller_role(allow("sts:AssumeRole", resource=arn))
        for more in {}, {"ExternalId": "wrong-id"}, {"ExternalId": "RIGHT-ID"}:
            refused(self, "AccessDenied", assumed, caller, arn, **more)

        identity = assumed(caller, arn, ExternalId="right-id")("sts").get_caller_identity()

        self.assertEqual((identity["Account"], identity["Arn"].split("/")[0]), (MEMBER, f"arn:aws:sts::{MEMBER}:assumed-role"))

    def test_the_caller_needs_the_permission_too(self):
        arn = role(MEMBER, trust(root(OWN)))
        other = role(MEMBER, trust(root(OWN)))
        _, caller = caller_role(allow("sts:AssumeRole", resource=other))

        refused(self, "AccessDenied", assumed, caller, arn)
        assumed(caller, other)

    def test_a_role_that_is_not_there_is_refused_as_one_that_trusts_nobody(self):
        _, caller = caller_role(allow("sts:AssumeRole"))
        for arn in f"arn:aws:iam::{MEMBER}:role/absent-{token()}", role(MEMBER, trust(root(STRANGER))):
            refused(self, "AccessDenied", assumed, caller, arn)

    def test_an_organization_trusts_its_own_accounts_only(self):
        arn = role(MEMBER, trust("*", StringEquals={"aws:PrincipalOrgID": settings.ORGANIZATION_ID}))

        assumed(lambda service: of(OWN, service), arn)
        refused(self, "AccessDenied", assumed, lambda service: of(STRANGER, service), arn)

    def test_a_session_is_known_by_the_arn_of_its_role(self):
        caller_arn, caller = caller_role(allow("sts:AssumeRole"))
        _, other = caller_role(allow("sts:AssumeRole"))
        arn = role(MEMBER, trust(root(OWN), ArnEquals={"aws:PrincipalArn": caller_arn}))

        assumed(caller, arn)
        refused(self, "AccessDenied", assumed, other, arn)
        refused(self, "AccessDenied", assumed, lambda service: of(OWN, service), arn)

    def test_the_callers_policy_can_ask_for_the_organization_of_the_role(self):
        condition = {"StringEquals": {"aws:ResourceOrgID": settings.ORGANIZATION_ID}}
        caller = as_user("sts", allow("sts:AssumeRole") | {"Condition": condition})
        inside, outside = role(MEMBER, trust(root(OWN))), role(STRANGER, trust(root(OWN)))

        assumed(lambda _: caller, inside)
        refused(self, "AccessDenied", assumed, lambda _: caller, outside)


class Duration(unittest.TestCase):
    def test_a_session_of_a_session_lasts_an_hour_at_most(self):
        arn = role(MEMBER, trust(root(OWN)))
        of(MEMBER, "iam").update_role(RoleName=arn.rpartition("/")[2], MaxSessionDuration=7200)
        _, caller = caller_role(allow("sts:AssumeRole"))

        message = refused(self, "ValidationError", assumed, caller, arn, DurationSeconds=3601)
        self.assertIn("role chaining", message)
        assumed(caller, arn, DurationSeconds=3600)
        user = as_user("sts", allow("sts:AssumeRole"))
        assumed(lambda _: user, arn, DurationSeconds=7200)
        refused(self, "ValidationError", assumed, lambda _: user, arn, DurationSeconds=7201)

    def test_parameters_that_break_the_model_are_refused(self):
        arn = role(MEMBER, trust(root(OWN)))
        for more in {"DurationSeconds": 899}, {"ExternalId": "a b"}, {"ExternalId": "x"}, {"RoleSessionName": "a/b"}:
            refused(self, "ValidationError", unchecked("sts").assume_role, **{"RoleArn": arn, "RoleSessionName": "test"} | more)


class SessionPolicy(unittest.TestCase):
    def setUp(self):
        self.region = bed.FAR
        self.instance = lab("instance", "run", "--account", MEMBER, "--region", self.region, "--tag", "autoadjoin=false").strip()
        self.addCleanup(lab, "instance", "terminate", self.instance)
        self.arn = role(MEMBER, trust(root(OWN)), allow("ec2:DescribeInstances", "ssm:*"))
        self.resource = f"arn:aws:ec2:{self.region}:{MEMBER}:instance/"

    def session(self, *statements):
        policy = {"Policy": document(*statements)} if statements else {}
        return assumed(lambda service: of(OWN, service), self.arn, self.region, **policy)

    def send(self, session, instance):
        return session("ssm").send_command(
            InstanceIds=[instance], DocumentName="AWS-RunShellScript", Parameters={"commands": ["true"]}
        )["Command"]["CommandId"]

    def test_a_session_acts_in_the_roles_account_and_the_clients_region(self):
        session = self.session()
        for region, visible in (self.region, True), (bed.HOME, False):
            found = session("ec2", region).describe_instances()["Reservations"]
            ids = [instance["InstanceId"] for one in found for instance in one["Instances"]]
            self.assertEqual(self.instance in ids, visible, region)

        command = self.send(session, self.instance)

        self.assertTrue(session("ssm").list_commands(CommandId=command)["Commands"])
        own = of(OWN, "ssm", self.region)
        self.assertEqual(own.list_commands()["Commands"], [])

    def test_its_policy_narrows_what_the_role_may(self):
        documents = f"arn:aws:ssm:{self.region}::document/*"
        session = self.session(
            allow("ssm:SendCommand", resource=self.resource + self.instance), allow("ssm:SendCommand", resource=documents)
        )

        self.send(session, self.instance)
        other = lab("instance", "run", "--account", MEMBER, "--region", self.region, "--tag", "autoadjoin=false").strip()
        self.addCleanup(lab, "instance", "terminate", other)
        refused(self, "AccessDeniedException", self.send, session, other)
        refused(self, "UnauthorizedOperation", session("ec2").describe_instances)
        refused(self, "AccessDeniedException", session("ssm").list_commands)

    def test_its_policy_gives_nothing_that_the_role_has_not(self):
        session = self.session(allow("*"))

        session("ec2").describe_instances()
        refused(self, "UnauthorizedOperation", session("ec2").describe_vpcs)

    def test_a_policy_that_is_none_is_refused(self):
        refused(self, "MalformedPolicyDocument", assumed, lambda service: of(OWN, service), self.arn, Policy="{")
        long = json.dumps({"Version": "2012-10-17", "Statement": [allow("x" * 2048)]})
        with self.assertRaises(Exception) as raised:
            assumed(lambda service: of(OWN, service), self.arn, Policy=long)
        self.assertIn("ValidationError", str(raised.exception))
