import json

from botocore.exceptions import WaiterError

from lab.errors import LabError

from emulation.bed import aws, refused, token
from emulation.logs_bed import EVERY_EVENT, LogCase, delivery, until


class Filters(LogCase):
    def test_a_function_gets_the_matching_events_of_its_log_group(self):
        group = self.subscribed('?">4720<" ?">4722<"')
        self.put(group, "<EventID>4720</EventID>", "<EventID>4738</EventID>", "<EventID>4722</EventID>")

        self.assertEqual(self.arrived(2), ["<EventID>4720</EventID>", "<EventID>4722</EventID>"])
        (batch,) = self.batches()
        account = aws("sts").get_caller_identity()["Account"]
        where = {"owner": account, "logGroup": group, "logStream": "one", "subscriptionFilters": ["filter"]}
        self.assertEqual({name: batch[name] for name in where}, where)
        self.assertEqual(len({event["id"] for event in batch["logEvents"]}), 2)

    def test_a_new_filter_sends_a_control_message(self):
        self.subscribed()

        (first,) = until(self.payloads, bool)
        self.assertEqual((first["messageType"], first["owner"]), ("CONTROL_MESSAGE", "CloudwatchLogs"))

    def test_a_function_that_does_not_allow_it_is_refused(self):
        group, other = self.new_group(), self.new_group()
        function = self.new_function(other)

        message = refused(self, "InvalidParameterException", self.subscribe, group, function)
        self.assertIn("Could not execute the lambda function", message)
        refused(self, "InvalidParameterException", self.subscribe, group, function.replace("log-", "none-"))

    def test_permission_that_was_taken_away_later_loses_what_comes(self):
        group = self.new_group()
        function = self.new_function(group)
        self.subscribe(group, function)
        (statement,) = json.loads(aws("lambda").get_policy(FunctionName=function)["Policy"])["Statement"]
        before = delivery()["delivered"]["refused"]
        aws("lambda").remove_permission(FunctionName=function, StatementId=statement["Sid"])

        self.put(group, "lost")

        until(lambda: delivery()["delivered"]["refused"], lambda refused: refused == before + 1)
        self.assertEqual(self.batches(), [])

    def test_a_log_group_has_two_filters(self):
        group = self.new_group()
        function = self.new_function(group)
        for name in "one", "two", "two":
            self.subscribe(group, function, name=name)

        refused(self, "LimitExceededException", self.subscribe, group, function, name="three")

    def test_a_pattern_that_is_none_is_refused(self):
        group = self.new_group()
        function = self.new_function(group)

        refused(self, "InvalidParameterException", self.subscribe, group, function, ">4720<")

    def test_an_unknown_log_group_is_refused(self):
        function = self.new_function()
        refused(self, "ResourceNotFoundException", self.subscribe, f"/test/{token()}", function)


class Stack(LogCase):
    def deploy(self, group, *, allowed=True):
        """A stack with a filter of the log group for a function."""
        function = self.new_function(*([group] if allowed else []))
        own = {"LogGroupName": group, "FilterPattern": EVERY_EVENT, "DestinationArn": function}
        template = {"Resources": {"Filter": {"Type": "AWS::Logs::SubscriptionFilter", "Properties": own}}}
        name, stacks = f"test-{token()}", aws("cloudformation")
        stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))
        waiter = stacks.get_waiter("stack_create_complete")
        waiter.wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        return name

    def test_a_filter_of_a_stack_delivers_and_goes_with_it(self):
        group = self.new_group()
        name = self.deploy(group)
        self.put(group, "seen")
        self.assertEqual(self.arrived(1), ["seen"])

        aws("cloudformation").delete_stack(StackName=name)
        described = lambda: self.logs.describe_subscription_filters(logGroupName=group)["subscriptionFilters"]  # noqa: E731
        until(described, lambda found: not found)

    def test_a_stack_fails_without_the_log_group_or_the_permission(self):
        for group, allowed in (f"/test/{token()}", True), (self.new_group(), False):
            with self.assertRaisesRegex(WaiterError, "ROLLBACK"):
                self.deploy(group, allowed=allowed)


class Delivery(LogCase):
    def counted(self):
        return delivery()["delivered"]

    def test_events_of_one_moment_come_in_batches_of_so_many(self):
        delivery(batch=40)
        group = self.subscribed()
        messages = [f"event {number}" for number in range(100)]

        self.put(group, *messages)

        self.assertEqual(sorted(self.arrived(100)), sorted(messages))
        self.assertTrue(all(batch["logEvents"] == sorted(batch["logEvents"], key=self.number) for batch in self.batches()))
        self.assertEqual(sorted(len(batch["logEvents"]) for batch in self.batches()), [20, 40, 40])

    def number(self, event):
        return int(event["message"].split()[-1])

    def test_a_batch_is_small_enough_for_an_asynchronous_invocation(self):
        group = self.subscribed()
        small = "".join(token() for _ in range(50))
        messages = [small if number < 100 else "".join(token() for _ in range(150)) for number in range(200)]

        self.put(group, *messages)

        self.assertEqual(sorted(self.arrived(200)), sorted(messages))
        self.assertGreater(len(self.batches()), 1)

    def test_each_batch_comes_one_to_so_many_times(self):
        delivery(batch=1, copies=3)
        group, before = self.subscribed(), self.counted()
        messages = [f"event {number}" for number in range(20)]

        self.put(group, *messages)

        found = self.arrived(20)
        times = [found.count(message) for message in messages]
        self.assertEqual((min(times), max(times)), (1, 3))
        after = self.counted()
        self.assertEqual(after["invocations"] - before["invocations"], len(found))
        copies = {json.dumps(batch, sort_keys=True) for batch in self.batches()}
        self.assertEqual(len(copies), 20, "the copies are alike, with the same ids")

    def test_events_are_mixed_within_and_between_batches_when_told(self):
        delivery(batch=20, reorder=True)
        group = self.subscribed()
        messages = [f"event {number:02}" for number in range(60)]

        self.put(group, *messages)

        found = self.arrived(60)
        self.assertEqual(sorted(found), messages)
        self.assertTrue(all(self.is_mixed(batch["logEvents"]) for batch in self.batches()))

    def is_mixed(self, events):
        """Neither in order nor from one stretch of what was put."""
        numbers = [int(event["message"][-2:]) for event in events]
        return numbers != sorted(numbers) and max(numbers) - min(numbers) >= len(numbers)

    def test_a_wrong_setting_is_refused(self):
        for wrong in {"copies": 0}, {"batch": 0}:
            with self.assertRaises(LabError):
                delivery(**wrong)
