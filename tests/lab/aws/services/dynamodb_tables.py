"""DynamoDB: DescribeTable answers as the API's model has it.

Source: DynamoDB API Reference, TableWarmThroughputDescription; Developer Guide, "Warm throughput" (new tables).
"""

from ministack.services import dynamodb

READ_UNITS, WRITE_UNITS = 12_000, 4_000


def install():
    """ministack says that a table has no warm throughput, which the model does not know."""
    describe = dynamodb._table_description

    def describe_modelled(name):
        description = describe(name)
        warm = description["WarmThroughput"]
        if not warm["ReadUnitsPerSecond"]:
            description["WarmThroughput"] = warm | {
                "ReadUnitsPerSecond": READ_UNITS,
                "WriteUnitsPerSecond": WRITE_UNITS,
            }
        return description

    dynamodb._table_description = describe_modelled
