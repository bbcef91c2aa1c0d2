"""A person undoes it: who asked is known, the new password is shown to nobody, and it works."""

import json

from demo.aws import Aws
from demo.execution import Executions
from demo.kerberos import log_in
from demo.play import RELEASER, RELEASER_ROLE, USER, Play, enabled, plural

REASON = "False positive: a test of the network team, ticket NET-481"


def release(play: Play) -> None:
    story, machine = play.story, play.stack.output("ReleaseStateMachineArn")
    approve = play.stack.output("ApproveStateMachineArn")
    story.step(f"{USER} asks for a release, then {RELEASER} does, by the command in the mail")
    secret = f"{play.stack.name}/released/{USER}"
    account, region = play.lab.variables["AWS_ACCOUNT_ID"], play.aws.region
    person = play.aws.person(
        RELEASER_ROLE,
        RELEASER,
        [
            {"Effect": "Allow", "Action": "states:StartExecution", "Resource": [machine, approve]},
            {
                "Effect": "Allow",
                "Action": "secretsmanager:GetSecretValue",
                "Resource": f"arn:aws:secretsmanager:{region}:{account}:secret:{secret}*",
            },
        ],
    )
    play.offboardings.all_ended(USER)
    story.fact("her accounts", play.person(USER).settled("while contained").words)
    executions = Executions(play.aws, machine)
    wish = json.dumps({"version": 1, "user": USER, "reason": REASON})
    _refused(play, executions, person, wish, "The release while the finding is active")
    detail = play.event["detail"]
    play.aws.client("guardduty").archive_findings(DetectorId=play.detector(), FindingIds=[detail["id"]])
    story.fact("then", f"{RELEASER} archives the finding in GuardDuty")
    _refused(play, executions, play.aws.session_of(RELEASER_ROLE, USER), wish, f"A release by {USER}")
    mails = len(play.mail.read())
    with story.screen.busy("release-user runs"):
        arn = person.client("stepfunctions").start_execution(stateMachineArn=machine, input=wish)["executionArn"]
        execution = executions.follow(arn, story.state)
    play.gathered.released = execution
    story.check("The release", "SUCCEEDED", execution.status)
    record = next((item for item in play.stack.items() if item["sk"] == f"release#{arn}"), {})
    story.fact("asked by", str(record.get("caller")))
    story.fact("reason", str(record.get("reason")))
    asked = str(record.get("caller")).rpartition("assumed-role/")[2]
    story.check("Who asked, on record", f"{RELEASER_ROLE}/{RELEASER}", asked)
    told = play.mail.read()[mails:]
    play.gathered.mails = play.mail.read()
    for mail in told:
        story.mail(mail)
    story.check(
        "Mail of the release",
        f"1 mail: [adsteward] {USER} released",
        f"{plural(len(told), 'mail')}: {told[0]['subject'] if told else ''}",
    )
    _log_in_again(play, person.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])


def _refused(play: Play, executions: Executions, who: Aws, wish: str, name: str) -> None:
    with play.story.screen.busy("release-user runs"):
        started = who.client("stepfunctions").start_execution(stateMachineArn=executions.machine, input=wish)
        ended = executions.follow(started["executionArn"])
    described = play.aws.client("stepfunctions").describe_execution(executionArn=ended.arn)
    play.gathered.others.append((name.lower(), ended))
    play.story.fact("because", json.loads(described.get("cause", "{}")).get("errorMessage", ""))
    play.story.check(name, f"FAILED, {USER} disabled", f"{ended.status}, {USER} {enabled(play.directory.user(USER))}")


def _log_in_again(play: Play, password: str) -> None:
    story = play.story
    play.passwords.append(password)
    story.fact("directory says", f"{USER} {enabled(play.directory.user(USER))}")
    login = log_in(play.lab, USER, password)
    play.gathered.logins.append(("released", login))
    story.quote(login.words, "a Kerberos log-in with the password from the secret, which nobody has seen")
    story.check("Kerberos log-in after the release", "accepted", "accepted" if login.accepted else login.refusal)
    old = log_in(play.lab, USER, play.passwords[0])
    story.check("The old password", "refused", "accepted" if old.accepted else "refused")
