import datetime
import json

from botocore.exceptions import WaiterError

from emulation import bed
from emulation.bed import aws, token
from emulation.logs_bed import LogCase, until


class Asynchronous(LogCase):
    def test_a_function_that_fails_is_tried_three_times_and_the_event_kept(self):
        dead = self.new_queue()
        group = self.subscribed(dead_letters=dead)

        self.put(group, "fail")

        (message,) = until(lambda: self.dead_letters(dead), bool)
        self.assertEqual(self.arrived(3), ["fail"] * 3)
        self.assertEqual(list(json.loads(message["Body"])), ["awslogs"], "the event itself")
        attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
        self.assertEqual((attributes["ErrorCode"], attributes["ErrorMessage"]), ("200", "told to fail"))
        self.assertTrue(attributes["RequestID"])

    def test_a_function_that_succeeds_at_last_leaves_nothing(self):
        dead = self.new_queue()
        group = self.subscribed(dead_letters=dead)

        self.put(group, "late")

        self.assertEqual(self.arrived(3), ["late"] * 3)
        self.assertEqual(self.dead_letters(dead), [])

    def test_a_throttle_is_no_attempt(self):
        dead, group = self.new_queue(), self.new_group()
        function = self.new_function(group, dead_letters=dead)
        self.subscribe(group, function)
        until(self.payloads, bool)
        aws("lambda").put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)

        self.put(group, "throttled")

        throttles = {"Namespace": "AWS/Lambda", "MetricName": "Throttles"}
        throttles["Dimensions"] = [{"Name": "FunctionName", "Value": function.rpartition(":")[2]}]
        until(lambda: self.sum(throttles), lambda count: count > 4)
        aws("lambda").delete_function_concurrency(FunctionName=function)
        self.assertEqual(self.arrived(1), ["throttled"])
        self.assertEqual(self.dead_letters(dead), [])

    def sum(self, metric):
        now = datetime.datetime.now(datetime.UTC)
        hour = datetime.timedelta(hours=1)
        found = aws("cloudwatch").get_metric_statistics(
            **metric, StartTime=now - hour, EndTime=now + hour, Period=86400, Statistics=["Sum"]
        )
        return sum(point["Sum"] for point in found["Datapoints"])

    def test_a_role_that_may_not_send_loses_the_event_and_says_so(self):
        dead, group = self.new_queue(), self.new_group()
        function = self.new_function(group, dead_letters=dead)
        self.subscribe(group, function)
        role = aws("lambda").get_function_configuration(FunctionName=function)["Role"].rpartition("/")[2]
        deny = bed.allow("sqs:SendMessage", resource=self.arn_of_queue(dead)) | {"Effect": "Deny"}
        document = bed.document(bed.allow("sqs:*", "logs:*"), deny)
        aws("iam").put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=document)

        self.put(group, "fail")

        errors = {"Namespace": "AWS/Lambda", "MetricName": "DeadLetterErrors"}
        errors["Dimensions"] = [{"Name": "FunctionName", "Value": function.rpartition(":")[2]}]
        self.assertEqual(until(lambda: self.sum(errors), bool), 1)
        self.assertEqual(self.dead_letters(dead), [])

    def test_a_stack_fails_when_the_role_may_not_send(self):
        queue, name = self.arn_of_queue(self.new_queue()), f"closed-{token()}"
        own = {
            "FunctionName": name, "Runtime": "python3.12", "Handler": "index.handler", "DeadLetterConfig": {"TargetArn": queue},
            "Role": bed.role(name, bed.allow("logs:*")), "Code": {"ZipFile": "def handler(event, context): pass"},
        }  # fmt: skip
        template = {"Resources": {"Function": {"Type": "AWS::Lambda::Function", "Properties": own}}}
        stacks = aws("cloudformation")
        stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))

        waiter = stacks.get_waiter("stack_create_complete")
        with self.assertRaisesRegex(WaiterError, "ROLLBACK"):
            waiter.wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})

    def dead_letters(self, url):
        received = aws("sqs").receive_message(QueueUrl=url, VisibilityTimeout=0, MessageAttributeNames=["All"])
        return received.get("Messages", [])
