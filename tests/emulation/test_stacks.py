"""Stacks that differ by the account and Region that they are in."""

import json
import unittest

from emulation.accounts_bed import FAR, HOME, MEMBER, OWN, of
from emulation.bed import TRUST, document, token


class Conditions(unittest.TestCase):
    def made(self, account, region):
        """The logical ids of a stack of two resources, one for each side of a condition."""
        here = {"Fn::And": [
            {"Fn::Equals": [{"Ref": "AWS::AccountId"}, OWN]}, {"Fn::Equals": [{"Ref": "AWS::Region"}, HOME]},
        ]}  # fmt: skip
        topic = {"Type": "AWS::SNS::Topic"}
        template = {
            "Conditions": {"Elsewhere": {"Fn::Not": [{"Condition": "Home"}]}, "Home": here},
            "Resources": {"AtHome": topic | {"Condition": "Home"}, "Outside": topic | {"Condition": "Elsewhere"}},
        }
        stacks, name = of(account, "cloudformation", region), f"stack-{token()}"
        stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))
        stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
        found = stacks.list_stack_resources(StackName=name)["StackResourceSummaries"]
        return [resource["LogicalResourceId"] for resource in found]

    def test_a_condition_knows_the_account_and_the_region(self):
        self.assertEqual(self.made(OWN, HOME), ["AtHome"])
        for account, region in (OWN, FAR), (MEMBER, HOME), (MEMBER, FAR):
            self.assertEqual(self.made(account, region), ["Outside"], (account, region))


class Variables(unittest.TestCase):
    def test_a_number_is_a_text_in_a_functions_environment(self):
        name = f"stack-{token()}"
        role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": json.loads(document(TRUST))}}
        function = {
            "Runtime": "python3.12", "Handler": "index.handler", "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "FunctionName": name,
            "Code": {"ZipFile": "def handler(event, context): import os; return os.environ['NUMBER']"},
            "Environment": {"Variables": {"NUMBER": 12}},
        }  # fmt: skip
        resources = {"Role": role, "Function": {"Type": "AWS::Lambda::Function", "Properties": function}}
        stacks = of(OWN, "cloudformation")
        stacks.create_stack(
            StackName=name, TemplateBody=json.dumps({"Resources": resources}), Capabilities=["CAPABILITY_IAM"]
        )
        stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})

        answer = of(OWN, "lambda").invoke(FunctionName=name)

        self.assertEqual(json.load(answer["Payload"]), "12")


class Rules(unittest.TestCase):
    def test_a_rule_of_a_bus_of_ones_own_is_called_by_both_names(self):
        stacks, events, name = of(OWN, "cloudformation"), of(OWN, "events"), f"stack-{token()}"

        def template(state):
            pattern = {"EventPattern": {"source": ["aws.ec2"]}, "State": state}
            resources = {
                "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": name}},
                "There": {"Type": "AWS::Events::Rule", "Properties": pattern | {"EventBusName": {"Ref": "Bus"}, "Name": "there"}},
                "Here": {"Type": "AWS::Events::Rule", "Properties": pattern | {"Name": name}},
            }
            return json.dumps({"Resources": resources})

        def ids():
            found = stacks.list_stack_resources(StackName=name)["StackResourceSummaries"]
            return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in found}

        stacks.create_stack(StackName=name, TemplateBody=template("ENABLED"))
        stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
        self.assertEqual(ids(), {"Bus": name, "There": f"{name}|there", "Here": name})

        stacks.update_stack(StackName=name, TemplateBody=template("DISABLED"))
        stacks.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
        self.assertEqual(ids()["There"], f"{name}|there")
        self.assertEqual(events.describe_rule(Name="there", EventBusName=name)["State"], "DISABLED")

        stacks.delete_stack(StackName=name)
        stacks.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
        self.assertEqual(events.list_rules(NamePrefix=name)["Rules"], [])
        with self.assertRaises(events.exceptions.ResourceNotFoundException):
            events.describe_rule(Name="there", EventBusName=name)
