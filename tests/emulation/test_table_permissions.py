import unittest

from emulation import bed
from emulation.bed import aws, refused, token


class TablePermissions(unittest.TestCase):
    def setUp(self):
        self.table = f"test-{token()}"
        aws("dynamodb").create_table(
            TableName=self.table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )
        self.addCleanup(aws("dynamodb").delete_table, TableName=self.table)

    def writer(self):
        condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["sweep#*"]}, "Null": {"dynamodb:LeadingKeys": "false"}}
        statement = {"Effect": "Allow", "Action": "dynamodb:*Item", "Resource": "*", "Condition": condition}
        return bed.as_user("dynamodb", statement)

    def test_a_write_is_allowed_by_the_partition_key_of_its_item(self):
        writer = self.writer()
        writer.put_item(TableName=self.table, Item={"pk": {"S": "sweep#1"}})
        other = {"pk": {"S": "i-0123456789abcdef0"}}
        refused(self, "AccessDeniedException", writer.put_item, TableName=self.table, Item=other)
        refused(self, "AccessDeniedException", writer.delete_item, TableName=self.table, Key=other)
        writer.delete_item(TableName=self.table, Key={"pk": {"S": "sweep#1"}})


if __name__ == "__main__":
    unittest.main()
