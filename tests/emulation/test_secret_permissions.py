from lab import state

from emulation import bed
from emulation.bed import SecretCase, allow, token


class Permissions(SecretCase):
    """A user of IAM who may do what the statements say."""

    def as_user(self, *statements):
        return bed.as_user("secretsmanager", *statements)

    def denied(self, call, **parameters):
        return self.refused("AccessDeniedException", call, **parameters)

    def test_a_secret_is_the_resource_of_its_operations_by_any_name(self):
        arn, other = self.new_secret(), self.new_secret()
        user = self.as_user(allow("secretsmanager:GetSecretValue", resource=arn))

        user.get_secret_value(SecretId=arn)
        user.get_secret_value(SecretId=self.secrets.describe_secret(SecretId=arn)["Name"])
        self.denied(user.get_secret_value, SecretId=other)

    def test_a_new_secret_is_allowed_by_the_pattern_of_its_arn(self):
        user = self.as_user(allow("secretsmanager:CreateSecret", resource="arn:aws:secretsmanager:*:*:secret:mine/*"))

        user.create_secret(Name=f"mine/{token()}", SecretString="x")
        self.denied(user.create_secret, Name=f"theirs/{token()}", SecretString="x")

    def test_whoever_rotates_may_invoke_the_function(self):
        arn = self.new_secret()
        wanted = {"SecretId": arn, "RotationLambdaARN": bed.rotation_function()}

        message = self.denied(self.as_user(allow("secretsmanager:RotateSecret")).rotate_secret, **wanted)
        self.assertIn("lambda:InvokeFunction", message)
        both = allow("secretsmanager:RotateSecret", "lambda:InvokeFunction")
        self.as_user(both).rotate_secret(**wanted)
        self.assertEqual(bed.settled(arn)[-1]["outcome"], "Succeeded")

    def test_a_customers_key_is_used_in_the_name_of_the_caller(self):
        key = bed.aws("kms").create_key()["KeyMetadata"]["Arn"]
        arn = self.new_secret(KmsKeyId=key)
        own = allow("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue")

        without = self.as_user(own)
        self.denied(without.get_secret_value, SecretId=arn)
        self.denied(without.put_secret_value, SecretId=arn, SecretString="x")
        reader = self.as_user(own, allow("kms:Decrypt", resource=key))
        reader.get_secret_value(SecretId=arn)
        self.denied(reader.put_secret_value, SecretId=arn, SecretString="x")
        through = {"StringEquals": {"kms:ViaService": f"secretsmanager.{state.running()['region']}.amazonaws.com"}}
        writer = self.as_user(own, allow("kms:Decrypt", "kms:GenerateDataKey", resource=key) | {"Condition": through})
        writer.put_secret_value(SecretId=arn, SecretString="x")

    def test_the_policy_of_a_secret_counts_too(self):
        arn = self.new_secret()
        deny = {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
        user = self.as_user(allow("secretsmanager:*"))
        user.get_secret_value(SecretId=arn)

        self.secrets.put_resource_policy(SecretId=arn, ResourcePolicy=bed.document(deny))

        self.denied(user.get_secret_value, SecretId=arn)
