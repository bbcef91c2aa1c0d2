import json
import time
import unittest

from lab import settings

from emulation import bed
from emulation.test_connect import ConnectCase
from emulation.workspaces_bed import WorkspacesCase

SECONDS = 10


class Records(unittest.TestCase):
    """What CloudTrail tells of a service's calls."""

    def listen(self, service):
        """Let the queue have the service's records from now on."""
        name = f"records-{bed.token()[:8]}"
        sqs, events = bed.aws("sqs"), bed.aws("events")
        self.queue = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = f"arn:aws:sqs:{settings.REGION}:{settings.ACCOUNT_ID}:{name}"
        rule = events.put_rule(Name=name, EventPattern=json.dumps({"source": [f"aws.{service}"]}))["RuleArn"]
        allowed = bed.allow("sqs:SendMessage", resource=arn) | {"Principal": {"Service": "events.amazonaws.com"}}
        allowed["Condition"] = {"ArnEquals": {"aws:SourceArn": rule}}
        sqs.set_queue_attributes(QueueUrl=self.queue, Attributes={"Policy": bed.document(allowed)})
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
        self.addCleanup(events.delete_rule, Name=name)
        self.addCleanup(events.remove_targets, Rule=name, Ids=["queue"])

    def record(self, name):
        """The next record of an operation."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            for message in bed.aws("sqs").receive_message(QueueUrl=self.queue, WaitTimeSeconds=1).get("Messages", []):
                detail = json.loads(message["Body"])["detail"]
                if detail["eventName"] == name:
                    return detail
        raise AssertionError(f"no record of {name}")


class OfWorkspaces(Records, WorkspacesCase):
    def test_creating_a_workspace_is_recorded_with_its_answer(self):
        self.listen("workspaces")
        user = self.new_user()
        workspace_id = self.new(user)

        record = self.record("CreateWorkspaces")

        self.assertEqual(record["eventSource"], "workspaces.amazonaws.com")
        self.assertEqual(record["requestParameters"]["workspaces"][0]["userName"], user)
        self.assertEqual(record["responseElements"]["pendingRequests"][0]["workspaceId"], workspace_id)


class OfConnect(Records, ConnectCase):
    def test_a_refused_user_is_recorded_without_the_names_of_the_person(self):
        self.listen("connect")
        request = self.request(IdentityInfo={"FirstName": "Hidden", "LastName": "Personal"})
        self.connect.create_user(**request)
        self.assertNotIn("errorCode", self.record("CreateUser"))
        bed.refused(self, "DuplicateResourceException", self.connect.create_user, **request)

        record = self.record("CreateUser")

        self.assertEqual((record["eventSource"], record["errorCode"]), ("connect.amazonaws.com", "DuplicateResourceException"))
        self.assertEqual(record["requestParameters"]["username"], request["Username"])
        self.assertNotIn("Hidden", json.dumps(record))
