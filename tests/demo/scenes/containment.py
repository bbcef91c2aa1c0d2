"""The finding, what adsteward makes of it, and what has changed then."""

import json
from datetime import UTC, datetime

from demo import finding
from demo.errors import DemoError
from demo.execution import Execution, Executions
from demo.kerberos import log_in
from demo.lab import Journal, Mail
from demo.play import USER, Play, enabled, plural

# What a notice of a containment must tell, and the words by which it does.
PARTS = {
    "who": f"WHO       {USER}",
    "what": "WHAT WAS DONE",
    "what remains": "WHAT ACCESS MAY REMAIN",
    "how to undo": "HOW TO UNDO",
}


def raise_finding(play: Play) -> None:
    story = play.story
    story.step("GuardDuty raises a finding about that process")
    play.calls, play.mail = Journal(play.lab, "calls"), Mail(play.lab)
    play.executions = Executions(play.aws, play.stack.output("ContainStateMachineArn"))
    play.event = finding.make(play.host, play.session.chain, USER, play.detector())
    detail = play.event["detail"]
    process = detail["service"]["runtimeDetails"]["process"]
    story.fact("type, severity", f"{detail['type']}, {detail['severity']}")
    story.fact("process", f"{process['executablePath']}, pid {process['pid']}, started {_clock(process['startTime'])}")
    story.fact("its user", f"{process['user']}, user id {process['userId']}")
    story.fact("lineage", " <- ".join(f"{p['name']} {p['pid']}" for p in process["lineage"]))


def contain(play: Play) -> None:
    story, gathered = play.story, play.gathered
    story.step("adsteward works: the states of contain-user, as they end")
    raised = datetime.now(UTC)
    finding.emit(play.lab, play.event)
    with story.screen.busy("The rule starts contain-user") as busy:
        arn = play.executions.new(1)[0]
        busy.what = "contain-user runs"
        execution = play.executions.follow(arn, story.state)
    gathered.contained = execution
    gathered.record = play.stack.decision(arn) or {}
    gathered.disabled_after = _seconds(raised, execution, "Disable the user")
    gathered.told_after = _seconds(raised, execution, "Tell people")
    story.check("The execution", "SUCCEEDED", execution.status)


def show_identification(play: Play) -> None:
    story = play.story
    story.step("Who was it? Three sources must name one user")
    flagged = play.session.chain[0]
    answer = _instance_answer(play)
    play.gathered.answer = answer
    account = next((a for a in answer["accounts"] if a["uid"] == flagged.login_uid), {})
    process = play.event["detail"]["service"]["runtimeDetails"]["process"]
    seen = answer["chain"][0]
    story.fact("GuardDuty", f"user {process['user']}, user id {process['userId']}")
    named = f"{account.get('kind')} user {account.get('name')} of {account.get('domain')}, {account.get('sid')}"
    story.fact("the instance", f"pid {seen['pid']} is {seen['state']}, login uid {seen['login_uid']}: {named}")
    story.fact("the directory", f"{play.gathered.before['SAMAccountName']}, {play.gathered.before['SID']}")
    story.quote(_by_lines(answer), "the instance's whole answer to our SSM document")
    agree = (process["user"], account.get("name"), account.get("sid")) == (USER, USER, play.gathered.before["SID"])
    words = f"agree: {USER}" if agree else f"differ: {process['user']}, {account.get('name')}, {USER}"
    story.check("GuardDuty, instance, directory", f"agree: {USER}", words)


def show_decision(play: Play) -> None:
    story, record = play.story, play.gathered.record
    story.step("What it decided and did")
    story.fact("decided", f"{record.get('decision')} ({record.get('reason')}): {record.get('explanation')}")
    for call in record.get("calls", []):
        story.fact("called", call)
    decided = f"{record.get('decision')} ({record.get('reason')}): {record.get('user')}"
    story.check("The decision on record", f"contain (identity-proved): {USER}", decided)
    calls = play.disable_calls()
    for call in calls:
        story.fact("the ledger", f"{call['operation']} by {call['principal'].split(':', 5)[5]}")
    ours = all("GuarddutyResponderRole" in call["principal"] and call["error"] is None for call in calls)
    seen = f"{len(calls)} DisableUser, {'by' if ours else 'not by'} the responder's role" if calls else "none"
    story.check("Calls of DisableUser", "1 DisableUser, by the responder's role", seen)


def show_directory(play: Play) -> None:
    story, gathered = play.story, play.gathered
    story.step("The directory, before and after")
    gathered.after = play.directory.user(USER)
    story.fact("before", f"{USER} {enabled(gathered.before)}")
    story.fact("after", f"{USER} {enabled(gathered.after)}, {gathered.disabled_after:.1f} s after the finding")
    story.check(
        "The directory says", "enabled, then disabled", f"{enabled(gathered.before)}, then {enabled(gathered.after)}"
    )
    login = log_in(play.lab, USER, play.passwords[0])
    gathered.logins.append(("after", login))
    story.quote(login.words, "the same Kerberos log-in with the same password")
    seen = "accepted" if login.accepted else f"refused: {login.refusal}"
    revoked = not login.accepted and "revoked" in login.refusal
    story.check("Kerberos log-in after", "refused: credentials revoked", seen, revoked)
    if play.host.is_alive(play.session.chain[0]):
        story.say(f"{USER}'s process on the instance goes on: disabling stops new log-ins only. The mail says so.")


def show_mail(play: Play) -> None:
    story = play.story
    story.step("The mail")
    mails = play.mail.read()
    play.gathered.mails = mails
    for mail in mails:
        story.mail(mail)
    body = mails[0]["body"] if mails else ""
    seen = ", ".join(part for part, words in PARTS.items() if words in body)
    story.check("Mail", f"1 mail: {', '.join(PARTS)}", f"{plural(len(mails), 'mail')}: {seen or 'none of these'}")
    if play.gathered.after["Enabled"]:
        raise DemoError(f"{USER} was not disabled, so there is nothing to undo; the decision and the mail say why")


def _instance_answer(play: Play) -> dict:
    """What the command printed on the instance, as Systems Manager keeps it."""
    command = play.gathered.contained.output_of("Ask the instance who it is")["command"]
    systems = play.aws.client("ssm")
    invocation = systems.get_command_invocation(CommandId=command, InstanceId=play.host.id)
    return json.loads(invocation["StandardOutputContent"])


def _by_lines(answer: dict) -> str:
    """The answer as it is, with a line for each process and account."""
    return json.dumps(answer).replace("[{", "[\n  {").replace("}, {", "},\n  {").replace("}], ", "}],\n ")


def _seconds(since: datetime, execution: Execution, state: str) -> float:
    """From then until a state was left; 0 when it was not."""
    ended = next((visit.ended for visit in reversed(execution.states) if visit.name == state), None)
    return (ended - since).total_seconds() if ended else 0.0


def _clock(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S UTC")
