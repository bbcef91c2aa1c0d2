import json
import time

from lab import paths
from lab.domains import MANAGED, SIMPLE

from emulation import bed
from emulation.bed import aws, refused, token
from emulation.logs_bed import LogCase, until
from emulation.security_log_bed import COMPUTER, GROUP, SecurityLogCase, parsed
from emulation.test_directories import OTHER, PASSWORD, lab

ACCOUNTS = '?">4720<" ?">4722<" ?">4725<" ?">4726<"'


class SecurityLog(SecurityLogCase):
    def inside(self, code):
        """Run Python in the lab's network with `connection`, the operator's to the directory."""
        start = "from lab import directory; connection = directory.connection(); "
        lab("exec", "--", "env", f"PYTHONPATH={paths.PACKAGE.parent}", str(paths.PYTHON), "-c", start + code)

    def test_a_user_of_directory_service_data_is_made_disabled_enabled_by_a_reset_and_off_boarded(self):
        made = self.data.create_user(**self.user)
        self.assertEqual(self.logged(1), [4720])
        self.ds.reset_user_password(DirectoryId=MANAGED.directory_id, UserName=self.name, NewPassword=OTHER)
        self.assertEqual(sorted(self.logged(5)[1:]), [4722, 4724, 4738, 4738])
        self.data.disable_user(**self.user)
        self.assertEqual(self.logged(7)[5:], [4725, 4738])
        self.data.delete_user(**self.user)
        self.assertEqual(self.logged(8)[7:], [4726])

        found = self.events()
        self.assertEqual({event["TargetSid"] for event in found}, {made["SID"]})
        self.assertEqual({event["computer"] for event in found}, {COMPUTER})
        self.assertEqual({event["TargetDomainName"] for event in found}, {MANAGED.netbios})
        first = next(event for event in found if event["id"] == 4720)
        self.assertEqual(first["UserPrincipalName"], f"{self.name}@{MANAGED.name}")
        self.assertEqual((first["OldUacValue"], first["NewUacValue"]), ("0x0", "0x11"))
        self.assertEqual(first["SubjectUserName"], "lab-operator")
        records = [event["record"] for event in found]
        self.assertEqual(len(set(records)), len(records))

    def test_a_second_disable_is_no_event(self):
        self.data.create_user(**self.user)
        self.data.disable_user(**self.user)
        self.data.delete_user(**self.user)
        self.assertEqual(self.logged(2), [4720, 4726])

    def test_a_user_made_past_aws_is_logged_too(self):
        lab("account", "create", self.name, stdin=PASSWORD + "\n")
        found = self.logged(5)
        self.assertEqual(found[0], 4720)
        self.assertEqual(found.count(4722), 1)
        lab("account", "set", self.name, "disabled")
        self.assertIn(4725, self.logged(6)[5:])

    def test_users_who_are_gone_at_once_have_their_own_identifiers(self):
        sids = []
        for _ in range(3):
            sids.append(self.data.create_user(**self.user)["SID"])
            self.data.delete_user(**self.user)

        self.assertEqual(self.logged(6), [4720, 4726] * 3)
        found = sorted(self.events(), key=lambda event: event["record"])
        self.assertEqual([event["TargetSid"] for event in found], [sid for sid in sids for _ in range(2)])

    def test_an_account_whose_name_ends_in_a_dollar_and_odd_characters_are_written_as_they_are(self):
        odd = f"{self.name} & <O'Brien>, \\\"J\u00f6\""
        name = f"{self.name}$"
        self.inside(
            f"connection.add('CN={self.name},{MANAGED.users}', attributes={{'objectClass': ['user'], "
            f"'sAMAccountName': {name!r}, 'userAccountControl': '514', 'displayName': {odd!r}}}); "
            "assert connection.result['result'] == 0, connection.result"
        )
        self.assertEqual(self.logged(1, name), [4720])
        (event,) = self.events(name)
        self.assertEqual((event["DisplayName"], event["UserPrincipalName"]), (odd, "-"))

    def test_a_renamed_object_is_the_same_account(self):
        made = self.data.create_user(**self.user)
        self.inside(f"connection.modify_dn('CN={self.name},{MANAGED.users}', 'CN=Other\\, {self.name}')")
        self.ds.reset_user_password(DirectoryId=MANAGED.directory_id, UserName=self.name, NewPassword=OTHER)
        self.data.disable_user(**self.user)
        self.data.delete_user(**self.user)
        other = f"{self.name}b"
        again = self.data.create_user(**self.user | {"SAMAccountName": other})
        self.inside(f"connection.modify_dn('CN={other},{MANAGED.users}', 'CN=Other\\, {other}')")
        self.data.delete_user(**self.user | {"SAMAccountName": other})

        self.assertEqual(self.logged(8), [4720, 4724, 4738, 4722, 4738, 4725, 4738, 4726])
        self.assertEqual({event["TargetSid"] for event in self.events()}, {made["SID"]})
        self.assertEqual(self.logged(2, other), [4720, 4726])
        self.assertEqual({event["TargetSid"] for event in self.events(other)}, {again["SID"]})

    def test_a_computer_is_no_user(self):
        name = f"{self.name.upper()}$"
        self.inside(
            f"connection.add('CN={self.name},OU=Computers,{MANAGED.customer_ou}', attributes={{'objectClass': ['computer'], "
            f"'sAMAccountName': {name!r}, 'userAccountControl': '4096'}}); "
            "assert connection.result['result'] == 0, connection.result"
        )
        self.assertEqual(self.logged(1, name), [4741])

    def test_the_simple_ad_forwards_nothing(self):
        lab("account", "--simple", "create", self.name, stdin=PASSWORD + "\n")
        time.sleep(1)
        self.assertEqual(self.events(), [])

    def test_a_subscribed_function_gets_the_events_of_its_pattern_only(self):
        function = self.new_function(GROUP)
        self.subscribe(GROUP, function, ACCOUNTS, name=token())
        self.addCleanup(self.unsubscribe, function)
        self.data.create_user(**self.user)
        self.ds.reset_user_password(DirectoryId=MANAGED.directory_id, UserName=self.name, NewPassword=OTHER)

        found = until(lambda: [parsed(message) for message in self.messages()], lambda found: len(found) >= 2)

        self.assertEqual([event["id"] for event in found if event["TargetUserName"] == self.name], [4720, 4722])
        (batch, *_) = self.batches()
        self.assertEqual((batch["logGroup"], batch["logStream"]), (GROUP, COMPUTER))

    def unsubscribe(self, function):
        for found in self.logs.describe_subscription_filters(logGroupName=GROUP)["subscriptionFilters"]:
            if found["destinationArn"] == function:
                self.logs.delete_subscription_filter(logGroupName=GROUP, filterName=found["filterName"])

    def test_a_burst_is_logged_whole(self):
        names = [f"{self.name}{number:02}" for number in range(40)]
        for name in names:
            self.data.create_user(DirectoryId=MANAGED.directory_id, SAMAccountName=name)
        for name in names:
            self.assertEqual(self.logged(1, name), [4720])


class Forwarding(LogCase):
    """Ends with the directory forwarding its log as before."""

    def setUp(self):
        super().setUp()
        self.ds = aws("ds")
        self.directory = {"DirectoryId": MANAGED.directory_id}

    def subscribed(self):
        return [found["LogGroupName"] for found in self.ds.list_log_subscriptions(**self.directory)["LogSubscriptions"]]

    def restore(self):
        if self.subscribed() != [GROUP]:
            for _ in self.subscribed():
                self.ds.delete_log_subscription(**self.directory)
            self.ds.create_log_subscription(**self.directory, LogGroupName=GROUP)

    def policy(self, group):
        allow = bed.allow("logs:CreateLogStream", "logs:PutLogEvents", resource=f"arn:aws:logs:*:*:log-group:{group}:*")
        return json.dumps({"Version": "2012-10-17", "Statement": [allow | {"Principal": {"Service": "ds.amazonaws.com"}}]})

    def test_the_managed_directory_is_subscribed_from_the_start(self):
        self.assertEqual(self.subscribed(), [GROUP])
        refused(self, "EntityAlreadyExistsException", self.ds.create_log_subscription, **self.directory, LogGroupName=GROUP)

    def test_a_subscription_needs_a_log_group_that_lets_the_service_write(self):
        self.addCleanup(self.restore)
        self.ds.delete_log_subscription(**self.directory)
        self.assertEqual(self.subscribed(), [])
        refused(self, "EntityDoesNotExistException", self.ds.delete_log_subscription, **self.directory)

        group, create = self.new_group(), self.ds.create_log_subscription
        refused(self, "EntityDoesNotExistException", create, **self.directory, LogGroupName=f"/test/{token()}")
        refused(self, "InsufficientPermissionsException", create, **self.directory, LogGroupName=group)
        self.logs.put_resource_policy(policyName=token(), policyDocument=self.policy(group))
        create(**self.directory, LogGroupName=group)

        name = f"u{token()[:8]}"
        aws("ds-data").create_user(**self.directory, SAMAccountName=name)
        look = lambda: self.logs.filter_log_events(logGroupName=group)["events"]  # noqa: E731
        (event,) = until(look, bool)
        self.assertIn(f"<Data Name='TargetUserName'>{name}</Data>", event["message"])

    def test_a_simple_ad_has_none(self):
        simple = {"DirectoryId": SIMPLE.directory_id}
        refused(self, "UnsupportedOperationException", self.ds.create_log_subscription, **simple, LogGroupName=GROUP)
