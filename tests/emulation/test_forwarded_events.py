"""Events on their way to buses, queues and topics of other accounts and Regions."""

import datetime
import json
import unittest

from lab import aws_service, settings

from emulation.accounts_bed import EVENTS, FAR, HOME, MEMBER, OWN, STRANGER, lets, messages, of, put_event, queue, role, rule
from emulation.bed import allow, document, refused, token
from emulation.logs_bed import until

IN_ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": settings.ORGANIZATION_ID}}


def bus(account=OWN, region=HOME, condition=IN_ORGANIZATION, principal="*"):
    """A bus and its ARN; whoever fulfils the condition may send to it."""
    events, name = of(account, "events", region), f"bus-{token()}"
    arn = events.create_event_bus(Name=name)["EventBusArn"]
    statement = {"Sid": "x", "Effect": "Allow", "Principal": principal, "Action": "events:PutEvents", "Resource": arn}
    events.put_permission(EventBusName=name, Policy=document(statement | ({"Condition": condition} if condition else {})))
    return name, arn


def sender(account, resource, action="events:PutEvents"):
    return role(account, EVENTS, allow(action, resource=resource))


class Forwarding(unittest.TestCase):
    def setUp(self):
        self.source = f"test.{token()}"
        self.received, self.received_arn = queue(OWN, HOME, lets("events"))

    def collect(self, name, region=HOME):
        """A queue that gets what the own account's bus gets."""
        rule(OWN, region, [{"Arn": self.received_arn}], name, self.source)

    def undelivered(self, account, region, target):
        """The reason why a target of the account does not get an event."""
        lost, lost_arn = queue(account, region, lets("events"))
        rule(account, region, [target | {"DeadLetterConfig": {"Arn": lost_arn}}], source=self.source)
        put_event(account, region, self.source)
        (message,) = messages(lost, 1, account, region)
        return message["MessageAttributes"]["ERROR_CODE"]["StringValue"]


class Buses(Forwarding):
    def test_an_event_reaches_a_bus_of_another_account_and_keeps_its_own(self):
        name, arn = bus()
        self.collect(name)
        rule(MEMBER, HOME, [{"Arn": arn, "RoleArn": sender(MEMBER, arn)}], source=self.source)

        mark = put_event(MEMBER, HOME, self.source)

        (message,) = messages(self.received)
        event = json.loads(message["Body"])
        self.assertEqual((event["account"], event["region"], event["source"]), (MEMBER, HOME, self.source))
        self.assertEqual(event["detail"], {"mark": mark})

    def test_an_event_reaches_a_bus_of_another_region(self):
        for account in OWN, MEMBER:
            name, arn = bus()
            self.collect(name)
            rule(account, FAR, [{"Arn": arn, "RoleArn": sender(account, arn)}], source=self.source)

            put_event(account, FAR, self.source)

            (message,) = messages(self.received)
            event = json.loads(message["Body"])
            self.assertEqual((event["account"], event["region"]), (account, FAR))

    def test_events_of_aws_services_are_forwarded(self):
        name, arn = bus()
        events = of(OWN, "events")
        events.put_rule(Name=self.source, EventBusName=name, EventPattern='{"source": ["aws.ds"]}')
        target = {"Id": "queue", "Arn": self.received_arn}
        events.put_targets(Rule=self.source, EventBusName=name, Targets=[target])
        rule(MEMBER, HOME, [{"Arn": arn, "RoleArn": sender(MEMBER, arn)}], source="aws.ds")

        event = {"source": "aws.ds", "detail-type": "test", "account": MEMBER, "region": HOME, "detail": {"mark": self.source}}
        aws_service.admin("emit", {"event": event, "account": MEMBER, "region": HOME})

        bodies = [json.loads(message["Body"]) for message in messages(self.received)]
        self.assertIn({"mark": self.source}, [body["detail"] for body in bodies])

    def test_the_buss_policy_and_the_targets_role_must_both_allow_it(self):
        name, arn = bus()
        self.collect(name)
        for account, target, code in (
            (MEMBER, {"RoleArn": sender(MEMBER, arn + "x")}, "NO_PERMISSIONS"),
            (MEMBER, {"RoleArn": role(MEMBER, allow("sts:AssumeRole") | {"Principal": {"Service": "x.amazonaws.com"}})},
             "FAILED_TO_ASSUME_ROLE"),
            (MEMBER, {"RoleArn": sender(OWN, arn)}, "FAILED_TO_ASSUME_ROLE"),
            (STRANGER, {"RoleArn": sender(STRANGER, arn)}, "NO_PERMISSIONS"),
        ):  # fmt: skip
            self.assertEqual(self.undelivered(account, HOME, {"Arn": arn, **target}), code, (account, target))
        self.assertEqual(messages(self.received, 0), [])

    def test_an_account_may_be_named_instead_of_the_organization(self):
        for principal in ({"AWS": MEMBER}, {"AWS": f"arn:aws:iam::{MEMBER}:root"}):
            name, arn = bus(condition=None, principal=principal)
            self.collect(name)
            rule(MEMBER, HOME, [{"Arn": arn, "RoleArn": sender(MEMBER, arn)}], source=self.source)

        put_event(MEMBER, HOME, self.source)

        self.assertEqual(len(messages(self.received, 2)), 2)
        target = {"Arn": arn, "RoleArn": sender(STRANGER, arn)}
        self.assertEqual(self.undelivered(STRANGER, HOME, target), "NO_PERMISSIONS")

    def test_a_bus_of_another_account_or_region_needs_a_role(self):
        for account, region in (MEMBER, HOME), (OWN, FAR):
            _, arn = bus()
            refused(self, "ValidationException", rule, account, region, [{"Arn": arn}])

    def test_an_event_is_forwarded_once_within_a_region_and_once_between_regions(self):
        first, first_arn = bus(OWN, FAR)
        _, second_arn = bus(OWN, FAR)
        home, home_arn = bus()
        lost, lost_arn = queue(OWN, FAR, lets("events"))
        rule(MEMBER, FAR, [{"Arn": first_arn, "RoleArn": sender(MEMBER, first_arn)}], source=self.source)
        onward = {"Arn": second_arn, "RoleArn": sender(OWN, second_arn), "DeadLetterConfig": {"Arn": lost_arn}}
        rule(OWN, FAR, [onward, {"Arn": home_arn, "RoleArn": sender(OWN, home_arn)}], first, self.source)
        self.collect(home)

        put_event(MEMBER, FAR, self.source)

        self.assertEqual(len(messages(self.received)), 1)
        (message,) = messages(lost, 1, OWN, FAR)
        self.assertEqual(message["MessageAttributes"]["ERROR_CODE"]["StringValue"], "THIRD_ACCOUNT_HOP_DETECTED")
        self.assertEqual(json.loads(message["Body"])["account"], MEMBER)

    def test_a_policy_replaces_another_and_is_about_its_own_bus(self):
        name, arn = bus()
        events = of(OWN, "events")
        statement = {"Sid": "y", "Effect": "Allow", "Principal": {"AWS": MEMBER}, "Action": "events:PutEvents", "Resource": arn}
        events.put_permission(EventBusName=name, Policy=document(statement))
        policy = json.loads(events.describe_event_bus(Name=name)["Policy"])
        self.assertEqual([found["Sid"] for found in policy["Statement"]], ["y"])
        other = document(statement | {"Resource": "*"})
        refused(self, "ValidationException", events.put_permission, EventBusName=name, Policy=other)


class Templates(Forwarding):
    def test_a_stack_gives_a_bus_its_policy_and_takes_it_away(self):
        name = f"bus-{token()}"
        statement = {
            "Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Condition": IN_ORGANIZATION,
            "Resource": {"Fn::GetAtt": ["Bus", "Arn"]},
        }  # fmt: skip
        permission = {"EventBusName": {"Ref": "Bus"}, "StatementId": "organization", "Statement": statement}
        resources = {
            "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": name}},
            "Policy": {"Type": "AWS::Events::EventBusPolicy", "Properties": permission},
        }
        stacks, events = of(OWN, "cloudformation"), of(OWN, "events")
        stacks.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
        stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
        found = events.describe_event_bus(Name=name)
        (allowed,) = json.loads(found["Policy"])["Statement"]
        self.assertEqual((allowed["Sid"], allowed["Resource"]), ("organization", found["Arn"]))

        del resources["Policy"]
        stacks.update_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
        stacks.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
        self.assertNotIn("Policy", events.describe_event_bus(Name=name))


class Topics(Forwarding):
    def topic(self, account=OWN, region=FAR, *statements):
        sns = of(account, "sns", region)
        arn = sns.create_topic(Name=f"topic-{token()}")["TopicArn"]
        policy = document(*(statement | {"Action": "sns:Publish", "Resource": arn} for statement in statements))
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
        return arn

    def subscribe(self, topic, account=OWN, url_and_arn=None, **attributes):
        region = topic.split(":")[3]
        url, arn = url_and_arn or queue(OWN, HOME, lets("sns"))
        of(account, "sns", region).subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
        return url

    def test_a_topic_sends_to_queues_of_another_region_raw_or_wrapped(self):
        topic = self.topic(OWN, FAR, lets("events"))
        raw, wrapped = self.subscribe(topic, RawMessageDelivery="true"), self.subscribe(topic)
        rule(OWN, FAR, [{"Arn": topic}], source=self.source)

        mark = put_event(OWN, FAR, self.source)

        (message,) = messages(raw)
        self.assertEqual(json.loads(message["Body"])["detail"], {"mark": mark})
        (message,) = messages(wrapped)
        envelope = json.loads(message["Body"])
        self.assertEqual((envelope["Type"], envelope["TopicArn"]), ("Notification", topic))
        self.assertEqual(json.loads(envelope["Message"])["region"], FAR)

    def test_a_queue_that_does_not_let_the_topic_in_gets_nothing(self):
        topic = self.topic(OWN, FAR, lets("events"))
        elsewhere = lets("sns") | {"Condition": {"ArnEquals": {"aws:SourceArn": topic + "x"}}}
        url = self.subscribe(topic, url_and_arn=queue(OWN, HOME, elsewhere))
        open_to_it = self.subscribe(topic)
        rule(OWN, FAR, [{"Arn": topic}], source=self.source)

        put_event(OWN, FAR, self.source)

        self.assertEqual(len(messages(open_to_it)), 1)
        self.assertEqual(messages(url, 0), [])

    def test_what_a_queue_does_not_take_goes_to_the_subscriptions_dead_letter_queue(self):
        topic = self.topic(OWN, FAR, lets("events"))
        lost, lost_arn = queue(OWN, FAR, lets("sns"))
        redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": lost_arn}), "RawMessageDelivery": "true"}
        self.subscribe(topic, url_and_arn=queue(OWN, HOME, lets("events")), **redrive)
        rule(OWN, FAR, [{"Arn": topic}], source=self.source)

        mark = put_event(OWN, FAR, self.source)

        (message,) = messages(lost, 1, OWN, FAR)
        self.assertEqual(json.loads(message["Body"])["detail"], {"mark": mark})
        self.assertEqual(self.failed(FAR, "AWS/SNS", "NumberOfNotificationsFailed", TopicName=topic.split(":")[5]), 1)

    def test_a_failed_delivery_counts_for_the_rule_and_its_bus(self):
        name, _ = bus()
        arn = rule(OWN, HOME, [{"Arn": queue(OWN, HOME)[1]}], name, self.source)

        put_event(OWN, HOME, self.source, name)

        dimensions = {"RuleName": arn.rpartition("/")[2], "EventBusName": name}
        self.assertEqual(self.failed(HOME, "AWS/Events", "FailedInvocations", **dimensions), 1)

    def failed(self, region, namespace, metric, **dimensions):
        now = datetime.datetime.now(datetime.UTC)
        found = of(OWN, "cloudwatch", region).get_metric_statistics(
            Namespace=namespace, MetricName=metric, Statistics=["Sum"], Period=3600,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=now - datetime.timedelta(hours=1), EndTime=now + datetime.timedelta(hours=1),
        )  # fmt: skip
        return sum(point["Sum"] for point in found["Datapoints"])

    def test_a_topic_must_let_eventbridge_in(self):
        topic = self.topic(OWN, FAR, lets("s3"))
        self.assertEqual(self.undelivered(OWN, FAR, {"Arn": topic}), "NO_PERMISSIONS")

    def test_a_subscription_by_the_topics_owner_waits_for_the_queues_owner(self):
        everyone = {"Effect": "Allow", "Principal": "*", "Action": "SQS:SendMessage"}
        topic = self.topic(MEMBER, HOME, lets("events"))
        url = self.subscribe(topic, MEMBER, queue(OWN, HOME, everyone))
        sns = of(MEMBER, "sns")
        sns.publish(TopicArn=topic, Message="one")

        (request,) = [json.loads(message["Body"]) for message in messages(url)]
        self.assertEqual(request["Type"], "SubscriptionConfirmation")
        sns.confirm_subscription(TopicArn=topic, Token=request["Token"])
        sns.publish(TopicArn=topic, Message="two")
        (message,) = messages(url)
        self.assertEqual(json.loads(message["Body"])["Message"], "two")


class OtherAccountsTargets(Forwarding):
    def test_a_queue_of_another_account_needs_role_and_policy(self):
        target = {"Arn": self.received_arn}
        self.assertEqual(self.undelivered(MEMBER, HOME, target), "NO_PERMISSIONS")
        arn = sender(MEMBER, self.received_arn, "sqs:SendMessage")
        self.assertEqual(self.undelivered(MEMBER, HOME, target | {"RoleArn": arn}), "NO_PERMISSIONS")
        statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sqs:SendMessage", "Resource": self.received_arn}
        of(OWN, "sqs").set_queue_attributes(QueueUrl=self.received, Attributes={"Policy": document(statement)})
        rule(MEMBER, HOME, [target | {"RoleArn": arn}], source=self.source)

        put_event(MEMBER, HOME, self.source)

        found = until(lambda: messages(self.received), bool)
        self.assertEqual(json.loads(found[0]["Body"])["account"], MEMBER)
