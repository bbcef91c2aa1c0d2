"""Onboarding: the way of the security log to the stack, the domain's names, and what the services have."""

import unittest
from types import SimpleNamespace

from preflight.account import ApiError
from preflight.checks import onboarding, onboarding_services
from preflight.subject import Subject
from tests.preflight.fakes import FakeAccount, verdicts

DIRECTORY = "d-9067012345"
GROUP = f"/aws/directoryservice/{DIRECTORY}"
FUNCTION = "adsteward-ad-event-starter"
INSTANCE = "c0000000-0000-4000-8000-000000000001"
PARAMETERS = {
    "DirectoryLogGroupName": GROUP,
    "DirectoryDomainName": "corp.example.test",
    "DirectoryNetbiosName": "CORP",
    "OnboardingsPerSecond": "2",
    "OffboardKeepDays": "30",
    "OffboardGraceSeconds": "3600",
    "WorkspacesBundleId": "wsb-000000001",
    "WorkspacesComputeType": "VALUE",
    "ConnectInstanceId": INSTANCE,
    "ConnectRoutingProfileId": "routing-1",
    "ConnectSecurityProfileId": "security-1",
}


def subject(account, **parameters):
    stack = SimpleNamespace(
        name="adsteward", parameters=PARAMETERS | parameters, outputs={"StarterFunctionName": FUNCTION},
        physical_id=lambda logical_id: "adsteward-users",
    )  # fmt: skip
    account.answers.setdefault("describe_directories", directory())
    return Subject(account, stack, DIRECTORY, account_id="111122223333")


def directory(**more):
    described = {"DirectoryId": DIRECTORY, "Name": "corp.example.test", "ShortName": "CORP", "Edition": "Standard"}
    return {"DirectoryDescriptions": [described | more]}


def missing(code="ResourceNotFoundException"):
    return ApiError("service:Call", code, "not there")


class SecurityLogTest(unittest.TestCase):
    def account(self, forwarded=(GROUP,), groups=(GROUP,)):
        subscriptions = [{"DirectoryId": DIRECTORY, "LogGroupName": name} for name in forwarded]
        return FakeAccount(
            describe_directories=directory(),
            list_log_subscriptions={"LogSubscriptions": subscriptions},
            describe_log_groups={"logGroups": [{"logGroupName": name} for name in groups]},
        )

    def ask(self, *args, **parameters):
        return list(onboarding._forwarded(subject(self.account(*args), **parameters)))

    def test_a_log_group_that_the_directory_forwards_to_is_right(self):
        self.assertEqual(verdicts(self.ask()), ["ok"])

    def test_a_stack_that_onboards_nobody_is_none_to_judge(self):
        self.assertEqual(verdicts(self.ask((), (), DirectoryLogGroupName="")), ["notice"])

    def test_without_a_subscription_the_fix_is_the_group_its_policy_and_the_subscription(self):
        answers = self.ask((), ())
        self.assertEqual(verdicts(answers), ["problem"])
        subscribe = f"create-log-subscription --directory-id {DIRECTORY}"
        for words in ("create-log-group", "put-resource-policy", "ds.amazonaws.com", subscribe):
            self.assertIn(words, answers[0].fix)
        self.assertNotIn("create-log-group", self.ask((), (GROUP,))[0].fix)

    def test_another_log_group_is_named_as_the_parameter(self):
        answers = self.ask(("/ad/security",), ("/ad/security", GROUP))
        self.assertEqual(verdicts(answers), ["problem"])
        self.assertIn("DirectoryLogGroupName=/ad/security", answers[0].fix)

    def test_a_log_group_that_is_gone_is_a_problem_although_another_one_begins_with_its_name(self):
        self.assertEqual(verdicts(self.ask((GROUP,), (f"{GROUP}-old",))), ["problem"])

    def test_before_the_deployment_a_missing_subscription_is_only_good_to_know(self):
        for forwarded, expected in (((), "notice"), ((GROUP,), "ok")):
            bare = Subject(self.account(forwarded), None, DIRECTORY, account_id="111122223333")
            self.assertEqual(verdicts(onboarding._forwarded(bare)), [expected])


class LogFilterTest(unittest.TestCase):
    def ask(self, *filters):
        account = FakeAccount(describe_subscription_filters={"subscriptionFilters": list(filters)})
        return list(onboarding._filtered(subject(account)))

    def filter(self, name, function=FUNCTION):
        return {"filterName": name, "destinationArn": f"arn:aws:lambda:eu-west-1:111122223333:function:{function}"}

    def test_the_stacks_filter_may_stand_beside_another_one(self):
        self.assertEqual(verdicts(self.ask(self.filter("other"), self.filter("adsteward-users"))), ["ok"])

    def test_a_missing_filter_is_a_problem_and_where_there_is_no_room_for_it_the_fix_makes_some(self):
        self.assertEqual(verdicts(self.ask(self.filter("other"))), ["problem"])
        answers = self.ask(self.filter("one"), self.filter("two"))
        self.assertEqual(verdicts(answers), ["problem"])
        self.assertIn("delete-subscription-filter --log-group-name /aws/directoryservice", answers[0].fix)

    def test_a_filter_that_leads_elsewhere_is_a_problem(self):
        self.assertEqual(verdicts(self.ask(self.filter("adsteward-users", "another"))), ["problem"])


class NamesAndPaceTest(unittest.TestCase):
    def names(self, **parameters):
        return list(onboarding._names(subject(FakeAccount(), **parameters)))

    def test_names_compare_without_regard_to_case(self):
        self.assertEqual(verdicts(self.names(DirectoryDomainName="Corp.Example.Test")), ["ok"])

    def test_each_wrong_name_is_named_with_the_right_one(self):
        answers = self.names(DirectoryDomainName="example.test", DirectoryNetbiosName="EXAMPLE")
        self.assertEqual(verdicts(answers), ["problem", "problem"])
        self.assertIn("DirectoryDomainName=corp.example.test", answers[0].fix)
        self.assertIn("DirectoryNetbiosName=CORP", answers[1].fix)

    def test_a_pace_that_the_edition_does_not_allow_is_told(self):
        for edition, pace, expected in (("Standard", "5", "warning"), ("Standard", "4", "ok"), ("Enterprise", "8", "ok")):
            account = FakeAccount(describe_directories=directory(Edition=edition))
            answers = list(onboarding._pace(subject(account, OnboardingsPerSecond=pace)))
            self.assertEqual(verdicts(answers), [expected], edition)

    def test_short_times_are_told(self):
        answers = onboarding._pace(subject(FakeAccount(), OffboardKeepDays="1", OffboardGraceSeconds="5"))
        self.assertEqual(verdicts(answers), ["warning", "notice"])


class WorkspacesTest(unittest.TestCase):
    def ask(self, state="REGISTERED", bundles=("wsb-000000001",), compute="VALUE", **parameters):
        registered = [{"DirectoryId": DIRECTORY, "State": state}] if state else []

        def described(asked):
            return {"Bundles": [{"BundleId": b, "ComputeType": {"Name": compute}} for b in asked["BundleIds"] if b in bundles]}

        account = FakeAccount(
            describe_workspace_directories={"Directories": registered}, describe_workspace_bundles=described
        )
        return list(onboarding_services._workspaces(subject(account, **parameters)))

    def test_a_registered_directory_and_a_bundle_are_enough(self):
        self.assertEqual(verdicts(self.ask()), ["ok", "ok"])

    def test_a_directory_that_is_not_registered_is_a_problem(self):
        for state in (None, "DEREGISTERED", "ERROR"):
            answers = self.ask(state)
            self.assertEqual(verdicts(answers)[0], "problem", state)
            self.assertIn("register-workspace-directory", answers[0].fix)

    def test_each_bundle_that_rules_may_name_must_be_there(self):
        other = "arn:aws:workspaces:eu-west-1:111122223333:workspacebundle/wsb-000000002"
        answers = self.ask(OtherBundleArns=other)
        self.assertEqual(verdicts(answers), ["ok", "problem"])
        self.assertIn("wsb-000000002", answers[1].sentence)

    def test_another_compute_type_than_the_bundles_is_told(self):
        answers = self.ask(compute="STANDARD")
        self.assertEqual(verdicts(answers), ["ok", "warning", "ok"])
        self.assertIn("WorkspacesComputeType=STANDARD", answers[1].fix)

    def test_without_a_bundle_nothing_is_asked(self):
        self.assertEqual(self.ask(WorkspacesBundleId=""), [])
        self.assertEqual(self.ask(DirectoryLogGroupName=""), [])


class ConnectTest(unittest.TestCase):
    def ask(self, kind="SAML", status="ACTIVE", security="Agent", found=True, **parameters):
        instance = {"Instance": {"InstanceStatus": status, "IdentityManagementType": kind, "InstanceAlias": "corp"}}

        def profile(asked):
            known = {
                "routing-1": {"RoutingProfile": {"Name": "Basic"}},
                "security-1": {"SecurityProfile": {"SecurityProfileName": security}},
            }
            key = asked.get("RoutingProfileId") or asked["SecurityProfileId"]
            if key not in known:
                raise missing()
            return known[key]

        account = FakeAccount(
            describe_instance=instance if found else missing(),
            describe_routing_profile=profile,
            describe_security_profile=profile,
        )
        return list(onboarding_services._connect(subject(account, **parameters)))

    def test_an_active_instance_with_saml_and_both_profiles_is_right(self):
        self.assertEqual(verdicts(self.ask()), ["ok", "ok"])

    def test_an_instance_that_is_not_there_is_the_only_problem(self):
        answers = self.ask(found=False)
        self.assertEqual(verdicts(answers), ["problem"])
        self.assertIn("connect list-instances", answers[0].fix)

    def test_other_kinds_of_identity_management_and_other_states_are_problems(self):
        for kind in ("CONNECT_MANAGED", "EXISTING_DIRECTORY"):
            self.assertEqual(verdicts(self.ask(kind)), ["problem", "ok"], kind)
        self.assertEqual(verdicts(self.ask(status="CREATION_IN_PROGRESS")), ["problem", "ok", "ok"])

    def test_each_profile_that_rules_may_name_must_be_there(self):
        other = f"arn:aws:connect:eu-west-1:111122223333:instance/{INSTANCE}/security-profile/security-2"
        answers = self.ask(OtherConnectProfileArns=other)
        self.assertEqual(verdicts(answers), ["ok", "problem"])
        self.assertIn("no security profile security-2", answers[1].sentence)
        self.assertEqual(verdicts(self.ask(ConnectRoutingProfileId="routing-2")), ["ok", "problem"])

    def test_administrators_for_everybody_are_told(self):
        self.assertEqual(verdicts(self.ask(security="Admin")), ["ok", "warning", "ok"])
