"""Answers of checks to what a real account may say and the lab does not."""

import unittest

from preflight.account import ApiError, Denied
from preflight.checks import deployment, directory, functions, instances, notices, protection, trail
from tests.preflight.fakes import FakeAccount, subject, verdicts

TRAIL = {"Name": "main", "TrailARN": "arn:main", "IsMultiRegionTrail": True, "HomeRegion": "us-east-1"}


def management(**more):
    fields = [{"Field": "eventCategory", "Equals": ["Management"]}]
    fields += [{"Field": name, **condition} for name, condition in more.items()]
    return {"AdvancedEventSelectors": [{"FieldSelectors": fields}]}


class TrailTest(unittest.TestCase):
    def ask(self, selectors, trails=(TRAIL,), logging=lambda _: {"IsLogging": True}):
        account = FakeAccount(
            describe_trails={"trailList": list(trails)}, get_trail_status=logging, get_event_selectors=selectors
        )
        return list(trail._logs(subject(account)))

    def test_advanced_selectors_of_management_writes_are_enough(self):
        for selectors in (management(), management(readOnly={"Equals": ["false"]})):
            self.assertEqual(verdicts(self.ask(selectors)), ["ok"])

    def test_advanced_selectors_that_leave_writes_or_our_services_out_are_a_problem(self):
        data = {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]}
        reads = management(readOnly={"Equals": ["true"]})
        without = management(eventSource={"NotEquals": ["ds.amazonaws.com"]})
        for selectors in (data, reads, without):
            self.assertEqual(verdicts(self.ask(selectors)), ["problem"])

    def test_one_trail_that_logs_is_enough(self):
        stopped = TRAIL | {"Name": "old", "TrailARN": "arn:old"}
        answers = self.ask(management(), (stopped, TRAIL), lambda asked: {"IsLogging": asked["Name"] == "arn:main"})
        self.assertEqual(verdicts(answers), ["ok"])

    def test_a_trail_of_another_region_does_not_count(self):
        answers = self.ask(management(), [TRAIL | {"IsMultiRegionTrail": False}])
        self.assertEqual(verdicts(answers), ["problem"])
        self.assertIn("create-trail", answers[0].fix)

    def test_an_organization_trail_that_may_not_be_read_could_not_be_checked(self):
        denied = Denied("cloudtrail:GetTrailStatus", "AccessDeniedException", "no")
        account = FakeAccount(describe_trails={"trailList": [TRAIL]}, get_trail_status=denied)
        answers = list(trail._logs(subject(account)))
        self.assertEqual(verdicts(answers), ["could-not-check"])
        self.assertIn("cloudtrail:GetTrailStatus", answers[0].sentence)


class FunctionsTest(unittest.TestCase):
    def ask(self, **state):
        account = FakeAccount(get_function_configuration=state, get_function_concurrency={})
        return list(functions._judge(subject(account), "responder"))

    def test_a_function_that_is_being_set_up_is_no_problem_and_one_that_cannot_be_is(self):
        self.assertEqual(verdicts(self.ask(State="Pending", LastUpdateStatus="InProgress")), ["warning"])
        self.assertEqual(verdicts(self.ask(State="Failed", LastUpdateStatus="Successful")), ["problem"])
        self.assertEqual(self.ask(State="Active", LastUpdateStatus="Successful"), [])


class DirectoryTest(unittest.TestCase):
    def ask(self, **more):
        described = {
            "DirectoryId": "d-9067012345",
            "Name": "corp.example.com",
            "Type": "MicrosoftAD",
            "Stage": "Active",
        }
        described |= {"RegionsInfo": {"PrimaryRegion": "eu-west-1"}} | more
        account = FakeAccount(describe_directories={"DirectoryDescriptions": [described]})
        return list(directory._exists(subject(account)))

    def test_a_directory_of_another_kind_or_with_another_primary_region_is_a_problem(self):
        self.assertEqual(verdicts(self.ask()), ["ok"])
        for wrong in (
            {"Type": "SimpleAD"},
            {"Type": "SharedMicrosoftAD"},
            {"RegionsInfo": {"PrimaryRegion": "us-east-1"}},
            {"Stage": "Impaired"},
        ):
            self.assertIn("problem", verdicts(self.ask(**wrong)), wrong)


class NoticesTest(unittest.TestCase):
    def test_a_subscription_that_is_listed_as_deleted_is_a_problem(self):
        listed = {"Subscriptions": [{"Endpoint": "a@example.com", "SubscriptionArn": "Deleted"}]}
        account = FakeAccount(list_subscriptions_by_topic=listed)
        one = subject(account, {"NotificationEmail": "a@example.com"}, NotificationTopicArn="arn:topic")
        answers = list(notices._subscriptions(one))
        self.assertEqual(verdicts(answers), ["problem"])
        self.assertIn("aws sns subscribe", answers[0].fix)


class InstancesTest(unittest.TestCase):
    def ask(self, running, agents):
        account = FakeAccount(
            describe_instances={"Reservations": [{"Instances": running}]},
            describe_instance_information={"InstanceInformationList": agents},
            describe_directories={
                "DirectoryDescriptions": [{"DirectoryId": "d-9067012345", "Name": "corp.example.com"}]
            },
        )
        return list(instances._agents(subject(account)))

    def agent(self, **more):
        return {"InstanceId": "i-1", "PingStatus": "Online", "ComputerName": "a.corp.example.com"} | more

    def test_windows_instances_are_no_concern(self):
        answers = self.ask([{"InstanceId": "i-1", "PlatformDetails": "Windows"}], [])
        self.assertEqual(verdicts(answers), ["notice"])

    def test_a_silent_agent_an_old_one_and_a_host_outside_the_domain_are_told_apart(self):
        running = [{"InstanceId": "i-1", "PlatformDetails": "Linux/UNIX"}]
        self.assertEqual(verdicts(self.ask(running, [self.agent()])), ["ok"])
        silent = self.ask(running, [self.agent(PingStatus="ConnectionLost")])
        self.assertEqual(verdicts(silent), ["problem"])
        self.assertIn("restart amazon-ssm-agent", silent[0].fix)
        old = self.ask(running, [self.agent(IsLatestVersion=False)])
        self.assertEqual(verdicts(old), ["ok", "warning"])
        self.assertIn("AWS-UpdateSSMAgent", old[1].fix)
        stranger = self.ask(running, [self.agent(ComputerName="ip-10-0-0-1.eu-west-1.compute.internal")])
        self.assertEqual(verdicts(stranger), ["ok", "notice"])

    def test_no_more_instances_are_listed_than_a_person_reads(self):
        running = [{"InstanceId": f"i-{number}", "IamInstanceProfile": {}} for number in range(500)]
        answers = self.ask(running, [])
        self.assertEqual(len(answers), instances.SHOWN + 1)
        self.assertIn("490 more", answers[-1].sentence)


class ProtectionTest(unittest.TestCase):
    def ask(self, names):
        missing = ApiError("ds-data:DescribeUser", "ResourceNotFoundException", "not found")
        one = subject(FakeAccount(describe_user=missing))
        one.stack.setting = lambda variable, parameter: names
        return list(protection._users(one))

    def test_built_in_users_may_be_hidden_but_others_must_be_there(self):
        self.assertEqual(verdicts(self.ask("Administrator,krbtgt")), ["ok"])
        answers = self.ask("krbtgt,jdoe")
        self.assertEqual(verdicts(answers), ["problem"])
        self.assertIn("jdoe", answers[0].sentence)


class DriftTest(unittest.TestCase):
    def ask(self, parameters, configuration):
        one = subject(FakeAccount(), parameters)
        one.stack.configuration = configuration
        one.stack.physical_id = lambda _: "adsteward-guardduty-responder"
        return list(deployment._variables(one))

    def test_spaces_in_a_list_are_no_drift_and_another_value_is(self):
        parameters = {"ProtectedUsers": "Admin, jdoe", "Mode": "enforce"}
        running = {"PROTECTED_USERS": "Admin,jdoe", "MODE": "enforce", "TOPIC_ARN": "arn:kept"}
        self.assertEqual(verdicts(self.ask(parameters, running)), ["ok"])
        answers = self.ask(parameters, running | {"MODE": "observe"})
        self.assertEqual(verdicts(answers), ["problem"])
        self.assertIn('"MODE":"enforce"', answers[0].fix)
        self.assertIn("arn:kept", answers[0].fix)
