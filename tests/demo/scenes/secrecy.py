"""The last look: no password of this run stands anywhere that people or machines read."""

import json

from demo import paths
from demo.play import Play


def look_for_passwords(play: Play) -> None:
    story, gathered = play.story, play.gathered
    story.step("Is a password written down anywhere?")
    executions = [gathered.contained, gathered.released, *(execution for _, execution in gathered.others)]
    executions += [execution for _, execution in gathered.account_flows]
    gathered.calls, gathered.mails = play.calls.read(), play.mail.all()
    places = {
        "API calls": json.dumps(gathered.calls),
        "mail": json.dumps(gathered.mails),
        "decision table": json.dumps(play.stack.items(), default=str),
        "user table": json.dumps(play.stack.items("UserTableName"), default=str),
        "computer table": json.dumps(play.stack.items("ComputerTableName"), default=str),
        "state machines": json.dumps([[state.output for state in execution.states] for execution in executions]),
        "rotations": json.dumps([step.words for rotation in gathered.rotations for step in rotation.steps]),
        "function logs": "".join(_function_logs(play)),
        "lab logs": "".join(log.read_text(errors="replace") for log in paths.LAB_LOGS.glob("*.log")),
        "this demo": json.dumps([entry.text for entry in story.entries]) + paths.LAB_LOG.read_text(),
    }
    found = [place for place, text in places.items() if any(password in text for password in play.passwords)]
    story.fact("looked in", ", ".join(places))
    story.check("Passwords found", "none", ", ".join(found) or "none")


def _function_logs(play: Play) -> list[str]:
    logs = play.aws.client("logs")
    prefix = f"/aws/lambda/{play.stack.name}-"
    groups = [group["logGroupName"] for group in logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]]
    return [event["message"] for group in groups for event in logs.filter_log_events(logGroupName=group)["events"]]
