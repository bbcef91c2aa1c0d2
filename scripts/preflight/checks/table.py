"""The decision table: there, and kept."""

from preflight.check import Check
from preflight.result import ok, problem, warning


def _table(subject):
    name = subject.stack.outputs["DecisionTableName"]
    table = subject.account.call("dynamodb", "describe_table", TableName=name)["Table"]
    if table["TableStatus"] not in ("ACTIVE", "UPDATING"):
        yield problem(
            f"the decision table is {table['TableStatus']}: nothing can be decided",
            subject.aws("dynamodb", "describe-table", "--table-name", name),
        )
        return
    if not table.get("DeletionProtectionEnabled"):
        yield warning(
            "the decision table is not protected from deletion",
            subject.aws("dynamodb", "update-table", "--table-name", name, "--deletion-protection-enabled"),
        )
    backups = subject.account.call("dynamodb", "describe_continuous_backups", TableName=name)[
        "ContinuousBackupsDescription"
    ]
    if backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") == "ENABLED":
        yield ok("the decision table is active and can be recovered to any point in time")
    else:
        yield warning(
            "the decision table cannot be recovered to a point in time",
            subject.aws(
                "dynamodb",
                "update-continuous-backups",
                "--table-name",
                name,
                "--point-in-time-recovery-specification",
                "PointInTimeRecoveryEnabled=true",
            ),
        )


CHECKS = (Check("decision table", _table, ("dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups")),)
