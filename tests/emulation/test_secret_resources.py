import json

from botocore.exceptions import WaiterError

from emulation import bed
from emulation.bed import SecretCase, token

SECRET = {
    "Type": "AWS::SecretsManager::Secret",
    "Properties": {
        "GenerateSecretString": {
            "SecretStringTemplate": '{"Directory ID": "d-1", "UserName": "Admin"}', "GenerateStringKey": "Password",
            "PasswordLength": 20, "ExcludePunctuation": True,
        }
    },
}  # fmt: skip


def schedule(**properties):
    own = {"SecretId": {"Ref": "Secret"}, "RotationRules": {"AutomaticallyAfterDays": 30, "Duration": "4h"}}
    return {"Type": "AWS::SecretsManager::RotationSchedule", "Properties": own | properties}


class Stack(SecretCase):
    def deploy(self, call="create", name=None, **resources):
        """The stack's name and its final status."""
        name, stacks = name or f"test-{token()}", bed.aws("cloudformation")
        template = {"Resources": resources, "Outputs": {"Arn": {"Value": {"Ref": "Secret"}}}}
        run = stacks.create_stack if call == "create" else stacks.update_stack
        run(StackName=name, TemplateBody=json.dumps(template))
        stacks.get_waiter(f"stack_{call}_complete").wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        (stack,) = stacks.describe_stacks(StackName=name)["Stacks"]
        return name, stack["Outputs"][0]["OutputValue"]

    def test_a_generated_password_stands_in_the_template_under_its_key(self):
        _name, arn = self.deploy(Secret=SECRET)

        self.assertTrue(arn.startswith("arn:aws:secretsmanager:"), arn)
        value = json.loads(self.value(arn))
        password = value.pop("Password")
        self.assertEqual(value, {"Directory ID": "d-1", "UserName": "Admin"})
        self.assertTrue(len(password) == 20 and password.isalnum(), password)

    def test_a_schedule_rotates_at_once_unless_told_otherwise(self):
        function = bed.rotation_function()
        _name, arn = self.deploy(Secret=SECRET, Schedule=schedule(RotationLambdaARN=function))
        self.assertEqual(bed.settled(arn)[-1]["outcome"], "Succeeded")
        self.assertEqual(self.secrets.describe_secret(SecretId=arn)["RotationRules"]["Duration"], "4h")

        quiet = schedule(RotationLambdaARN=function, RotateImmediatelyOnUpdate=False)
        _name, arn = self.deploy(Secret=SECRET, Schedule=quiet)
        self.assertTrue(bed.settled(arn)[-1]["test"])

    def test_a_schedule_that_goes_turns_rotation_off_and_the_secret_keeps_its_value(self):
        both = {"Secret": SECRET, "Schedule": schedule(RotationLambdaARN=bed.rotation_function())}
        name, arn = self.deploy(**both)
        bed.settled(arn)
        value = self.value(arn)

        self.deploy("update", name, Secret=SECRET)

        self.assertFalse(self.secrets.describe_secret(SecretId=arn)["RotationEnabled"])
        self.assertEqual(self.value(arn), value)

    def test_a_schedule_fails_when_the_function_does_not_let_itself_be_invoked(self):
        name = f"closed-{token()}"
        closed = bed.new_function(name, bed.role(name, bed.allow("logs:*")))

        with self.assertRaisesRegex(WaiterError, "ROLLBACK"):
            self.deploy(Secret=SECRET, Schedule=schedule(RotationLambdaARN=closed))

    def test_a_resource_policy_comes_and_goes_with_its_resource(self):
        deny = {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [deny]}
        properties = {"SecretId": {"Ref": "Secret"}, "ResourcePolicy": policy}
        resource = {"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": properties}

        name, arn = self.deploy(Secret=SECRET, Policy=resource)
        self.assertEqual(json.loads(self.secrets.get_resource_policy(SecretId=arn)["ResourcePolicy"]), policy)
        self.deploy("update", name, Secret=SECRET)
        self.assertNotIn("ResourcePolicy", self.secrets.get_resource_policy(SecretId=arn))
