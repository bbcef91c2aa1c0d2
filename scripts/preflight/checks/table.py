"""The tables of decisions and of users: there, and kept."""

from preflight.check import Check
from preflight.result import ok, problem, warning

# Each by the output that names it; without onboarding there is no table of users.
TABLES = {"DecisionTableName": "decision", "UserTableName": "user"}


def _tables(subject):
    for output, which in TABLES.items():
        if name := subject.stack.outputs.get(output):
            yield from _judge(subject, name, f"the {which} table")


def _judge(subject, name, table):
    described = subject.account.call("dynamodb", "describe_table", TableName=name)["Table"]
    if described["TableStatus"] not in ("ACTIVE", "UPDATING"):
        yield problem(
            f"{table} is {described['TableStatus']}: nothing can be decided",
            subject.aws("dynamodb", "describe-table", "--table-name", name),
        )
        return
    if not described.get("DeletionProtectionEnabled"):
        yield warning(
            f"{table} is not protected from deletion",
            subject.aws("dynamodb", "update-table", "--table-name", name, "--deletion-protection-enabled"),
        )
    backups = subject.account.call("dynamodb", "describe_continuous_backups", TableName=name)[
        "ContinuousBackupsDescription"
    ]
    if backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") == "ENABLED":
        yield ok(f"{table} is active and can be recovered to any point in time")
    else:
        yield warning(
            f"{table} cannot be recovered to a point in time",
            subject.aws(
                "dynamodb",
                "update-continuous-backups",
                "--table-name",
                name,
                "--point-in-time-recovery-specification",
                "PointInTimeRecoveryEnabled=true",
            ),
        )


CHECKS = (Check("tables", _tables, ("dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups")),)
