"""A person decides: nobody answers, the user himself tries, somebody refuses, somebody approves."""

import json
from contextlib import AbstractContextManager

from demo import finding
from demo.aws import Aws
from demo.execution import Execution, Executions
from demo.host import Session
from demo.play import RELEASER, RELEASER_ROLE, Play, enabled
from demo.wait import eventually

USER = "bob"
SILENCE_SECONDS, PATIENCE_SECONDS = "6", "60"


def ask_people(play: Play) -> None:
    story = play.story
    play.directory.create_user(USER, "Bob", "Beamish")
    play.given_passwords[USER] = play.new_password()
    play.directory.reset_password(USER, play.given_passwords[USER])
    with _in_mode_approve(play, SILENCE_SECONDS):
        story.step(f"In mode approve, a finding about {USER}: nobody answers")
        session = Session(play.host, USER)
        event = finding.make(play.host, session.chain, USER, play.detector())
        mails = len(play.mail.read())
        ended, _ = _deliver(play, event)
        for mail in play.mail.read()[mails:]:
            story.mail(mail)
        _check_end(play, "Silence", ended, "needs-person (approve-mode)", "enabled")
    play.onboardings.all_ended(USER)
    with _in_mode_approve(play, PATIENCE_SECONDS):
        story.step(f"GuardDuty updates the finding: {USER} answers himself, then {RELEASER} refuses")
        event = finding.updated(event)
        ended, _ = _deliver(play, event, lambda id: _answer(play, id, USER, "approve"), _refuse(play))
        _check_end(play, "A refusal", ended, "refuse (refused-by-person)", "enabled")
        story.step(f"Another finding about {USER}: {RELEASER} approves")
        event = finding.make(play.host, session.chain, USER, play.detector())
        ended, mail = _deliver(play, event, lambda id: _answer(play, id, RELEASER, "approve"))
        story.mail(mail)
        _check_end(play, "An approval", ended, "contain (approved-by-person)", "disabled")
    session.end()


def _refuse(play: Play):
    return lambda id: _answer(play, id, RELEASER, "refuse")


def _deliver(play: Play, event: dict, *answers) -> tuple[Execution, dict]:
    """Deliver a finding, have it answered while its execution waits, and follow that to its end; the last mail too."""
    with play.story.screen.busy("contain-user works, and waits for a person"):
        finding.emit(play.lab, event)
        arn = play.executions.new(1)[0]
        for answer in answers:
            answer(eventually("an open question", lambda: _open_question(play, event)))
        ended = play.executions.follow(arn, play.story.state if not answers else lambda _state: None)
    play.gathered.others.append((f"a question about {USER}", ended))
    play.gathered.mails = play.mail.read()
    return ended, play.gathered.mails[-1]


def _open_question(play: Play, event: dict) -> str | None:
    arn = event["detail"]["arn"]
    asked = (item for item in play.stack.items() if item["sk"] == "approval" and item.get("token"))
    return next((item["id"] for item in asked if item["finding_arn"] == arn), None)


def _answer(play: Play, id: str, who: str, answer: str) -> None:
    """As the mail says: start approve-containment."""
    story, machine = play.story, play.stack.output("ApproveStateMachineArn")
    person = _person(play, who)
    executions = Executions(play.aws, machine)
    wish = json.dumps({"version": 1, "approval": id, "answer": answer, "user": USER, "reason": "seen on the host"})
    started = person.client("stepfunctions").start_execution(stateMachineArn=machine, input=wish)
    ended = executions.follow(started["executionArn"])
    expected = "FAILED" if who == USER else "SUCCEEDED"
    story.check(f"{who} says {answer}", expected, ended.status)
    if ended.status == "FAILED":
        described = play.aws.client("stepfunctions").describe_execution(executionArn=ended.arn)
        story.fact("because", json.loads(described["cause"])["errorMessage"])


def _person(play: Play, who: str) -> Aws:
    """Both may start the state machine: it is not IAM that keeps them apart."""
    return play.aws.session_of(RELEASER_ROLE, who)


def _check_end(play: Play, name: str, ended: Execution, decision: str, state: str) -> None:
    record = play.stack.decision(ended.arn) or {}
    seen = f"{record.get('decision')} ({record.get('reason')}), {USER} {enabled(play.directory.user(USER))}"
    play.story.check(name, f"{decision}, {USER} {state}", seen)


def _in_mode_approve(play: Play, seconds: str) -> AbstractContextManager[None]:
    responder = play.stack.output("ResponderFunctionName")
    return play.aws.function_variables(responder, MODE="approve", APPROVAL_SECONDS=seconds)
