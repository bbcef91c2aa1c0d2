"""Instances of another account and Region, as EC2, Systems Manager and EventBridge show them."""

import json
import unittest

from emulation.accounts_bed import FAR, MEMBER, OWN, lets, messages, of, queue, rule
from emulation.bed import refused
from emulation.logs_bed import until
from emulation.test_directories import lab

HERE = ("--account", MEMBER, "--region", FAR)


def run(*more):
    return lab("instance", "run", "--unjoined", "--tag", "autoadjoin=false", *HERE, *more).strip()


class States(unittest.TestCase):
    def test_each_state_is_an_event_of_the_instances_account_and_region(self):
        url, arn = queue(MEMBER, FAR, lets("events"))
        rule(MEMBER, FAR, [{"Arn": arn}], source="aws.ec2")
        elsewhere, elsewhere_arn = queue(OWN, FAR, lets("events"))
        rule(OWN, FAR, [{"Arn": elsewhere_arn}], source="aws.ec2")

        instance = run()
        for action in "stop", "start", "terminate":
            lab("instance", action, instance)

        events = [json.loads(message["Body"]) for message in messages(url, 8, MEMBER, FAR)]
        self.assertEqual({(event["account"], event["region"]) for event in events}, {(MEMBER, FAR)})
        self.assertEqual({event["detail-type"] for event in events}, {"EC2 Instance State-change Notification"})
        self.assertEqual({event["detail"]["instance-id"] for event in events}, {instance})
        states = [event["detail"]["state"] for event in events]
        expected = ["pending", "running", "stopping", "stopped", "pending", "running", "shutting-down", "terminated"]
        self.assertEqual(sorted(states), sorted(expected))
        self.assertEqual(messages(elsewhere, 0, OWN, FAR), [])

    def test_a_terminated_instance_is_still_described_with_its_tags(self):
        instance = run("--tag", "adGroupName=Engineering")
        lab("instance", "terminate", instance)

        (found,) = of(MEMBER, "ec2", FAR).describe_instances(InstanceIds=[instance])["Reservations"]
        self.assertEqual(found["Instances"][0]["State"]["Name"], "terminated")
        refused(self, "InvalidInstanceID.NotFound", of(OWN, "ec2", FAR).describe_instances, InstanceIds=[instance])


class Agent(unittest.TestCase):
    def send(self, instance):
        ssm = of(MEMBER, "ssm", FAR)
        parameters = {"commands": ["hostname"]}
        return ssm.send_command(InstanceIds=[instance], DocumentName="AWS-RunShellScript", Parameters=parameters)

    def online(self, instance):
        wanted = [{"Key": "InstanceIds", "Values": [instance]}]
        return bool(of(MEMBER, "ssm", FAR).describe_instance_information(Filters=wanted)["InstanceInformationList"])

    def test_commands_are_refused_until_the_agent_has_started(self):
        instance = run("--agent-delay", "12")
        self.addCleanup(lab, "instance", "terminate", instance)
        refused(self, "InvalidInstanceId", self.send, instance)
        self.assertFalse(self.online(instance))

        self.assertTrue(until(lambda: self.online(instance), bool, seconds=30))
        self.send(instance)
