import json
import time
import unittest

from emulation.bed import allow, aws, document, token
from emulation.test_directories import lab

TRUST = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}


class Retries(unittest.TestCase):
    def setUp(self):
        self.addCleanup(lab, "retries", "due")

    def seconds(self):
        """How long an execution takes that fails, and tries once more after four seconds."""
        absent = f"arn:aws:lambda:eu-west-1:111122223333:function:absent-{token()}"
        retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 4, "MaxAttempts": 1}
        task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": absent}}
        name, iam, states = f"retries-{token()}", aws("iam"), aws("stepfunctions")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(TRUST))["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(allow("lambda:*")))
        definition = json.dumps({"StartAt": "Try", "States": {"Try": task | {"Retry": [retry], "End": True}}})
        machine = states.create_state_machine(name=name, definition=definition, roleArn=role)["stateMachineArn"]
        execution = states.start_execution(stateMachineArn=machine)["executionArn"]
        while (found := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
            time.sleep(0.1)
        self.assertEqual(found["status"], "FAILED")
        return (found["stopDate"] - found["startDate"]).total_seconds()

    def test_a_retry_waits_its_time_or_a_fifth_of_it(self):
        lab("retries", "quick")
        quick = self.seconds()
        lab("retries", "due")
        due = self.seconds()

        self.assertTrue(0.8 <= quick < 3, quick)
        self.assertGreaterEqual(due, 4)
