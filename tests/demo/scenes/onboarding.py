"""A new user gets his accounts, loses them and is put back, by what the directory logs; and a service fails."""

import re
import time

from demo.accounts import Accounts
from demo.execution import Execution
from demo.play import USER as RELEASED
from demo.play import Play, plural
from demo.scenes.approval import USER as CONTAINED
from demo.wait import eventually

USER, GIVEN_NAME, SURNAME = "sfnfirst.sfnlast", "Stefan", "Nachtigall-Li"
GROUP, SERVICES = "Engineering", "Amazon WorkSpaces, Amazon Connect"
HAS_ALL = f"WorkSpace AVAILABLE; Connect user {GIVEN_NAME} {SURNAME}; in {GROUP}"
# Long enough for the demo to look. A deployment gives an hour.
GRACE_SECONDS = "5"
KEEPING = "Keep it for a while"
HAS_RELEASED = "WorkSpace AVAILABLE; Connect user Alice Liddell; in no group"
COPIES = 3
UNLUCKY, LIMIT_LIFTED = "sfnsecond.sfnlast", "1000"
# The command that a mail gives, whose input goes over no line's end.
INPUT = re.compile(r"--input '(\{.*\})'$", re.MULTILINE)


def onboard(play: Play) -> None:
    story, directory = play.story, play.directory
    story.step(f"Create {USER} in the directory, and wait")
    began = time.monotonic()
    directory.create_user(USER, GIVEN_NAME, SURNAME)
    _look(play, USER, "when created", "no WorkSpace; no Connect user; in no group")
    directory.add_member(GROUP, USER)
    directory.reset_password(USER, play.new_password())
    story.fact("the administrator", f"puts {USER} into {GROUP} and gives him a password, which enables him. That is all.")
    with story.screen.busy("The directory's security log says so (event 4720), and ad-event-starter starts onboard-user"):
        arn = play.onboardings.next_for(USER)
        execution = play.onboardings.follow(arn, story.state)
    play.gathered.onboarded_after = time.monotonic() - began
    _keep(play, f"onboard-user, {USER} created", execution)
    story.check(f"onboard-user for {USER}", "SUCCEEDED", execution.status)
    _look(play, USER, "when onboarded", HAS_ALL)
    story.say("The names in Amazon Connect are the directory's: nothing is cut out of the account name.")
    _check_mail(play, USER, 0, "Mail of the onboarding", f"[adsteward] {USER} onboarded: {SERVICES}")


def tell_again(play: Play) -> None:
    """CloudWatch Logs delivers at least once."""
    story = play.story
    story.step(f"The security log says it {COPIES} times more")
    group, known = play.lab.variables["DIRECTORY_LOG_GROUP"], len(play.onboardings.of(USER))
    logs, mails = play.aws.client("logs"), len(play.mail.of_accounts(USER))
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    records = [event["message"] for page in pages for event in page["events"]]
    record = next(text for text in records if f">{USER}<" in text and ">4720<" in text)
    story.quote(record.replace("><", ">\n<"), "the record, as the directory forwards it")
    event = {"timestamp": int(time.time() * 1000), "message": record}
    logs.create_log_stream(logGroupName=group, logStreamName="copies")
    with story.screen.busy("ad-event-starter reads them"):
        logs.put_log_events(logGroupName=group, logStreamName="copies", logEvents=[event] * COPIES)
        eventually("ad-event-starter to know the copies", lambda: _copies_known(play) or None)
    told, new = len(play.mail.of_accounts(USER)) - mails, len(play.onboardings.of(USER)) - known
    seen = f"{plural(new, 'execution')}, {plural(told, 'mail')}; {play.person(USER).accounts().words}"
    story.check("Copies of the record", f"0 executions, 0 mails; {HAS_ALL}", seen)


def off_board(play: Play) -> None:
    story = play.story
    story.step(f"An administrator disables {USER}")
    mails = len(play.mail.of_accounts(USER))
    with play.aws.function_variables(f"{play.stack.name}-user-offboarder", GRACE_SECONDS=GRACE_SECONDS):
        play.directory.disable_user(USER)
        with story.screen.busy("The security log and CloudTrail say so; offboard-user runs"):
            arn = eventually("offboard-user to take him", lambda: _taking(play, USER))
            _look(play, USER, "in the grace period", HAS_ALL)
            execution = play.offboardings.follow(arn, story.state, until=KEEPING)
    _keep(play, f"offboard-user, {USER} disabled", execution)
    story.check(f"offboard-user for {USER}", f"RUNNING: {KEEPING}", f"{execution.status}: {execution.states[-1].name}")
    _look(play, USER, "after the grace period", "WorkSpace STOPPED; no Connect user; in no group")
    _check_mail(play, USER, mails, "Mail of the off-boarding", f"[adsteward] {USER} is disabled: accounts suspended")


def bring_back(play: Play) -> None:
    story, person = play.story, play.person(USER)
    story.step(f"{USER} is enabled again, by a new password")
    before, mails = person.at("when onboarded"), len(play.mail.of_accounts(USER))
    play.directory.reset_password(USER, play.new_password())
    with story.screen.busy("The security log says so (event 4722); onboard-user runs"):
        execution = play.onboardings.follow(play.onboardings.next_for(USER), story.state)
    _keep(play, f"onboard-user, {USER} enabled again", execution)
    after = _look(play, USER, "when enabled again", HAS_ALL)
    story.check(f"The WorkSpace of {USER}", "the same", _same(after.workspaces.keys() == before.workspaces.keys()))
    _check_mail(play, USER, mails, "Mail that he is back", f"[adsteward] {USER} is back: {SERVICES}")


def fail(play: Play) -> None:
    """WorkSpaces has a quota, which a burst of new colleagues meets one day."""
    story, directory = play.story, play.directory
    story.step(f"Create {UNLUCKY} when Amazon WorkSpaces has reached its quota")
    there = play.aws.client("workspaces").get_paginator("describe_workspaces").paginate()
    count = sum(len(page["Workspaces"]) for page in there)
    play.lab.run("workspaces", "--limit", str(count))
    story.fact("WorkSpaces", f"has {count}, and may have no more")
    directory.create_user(UNLUCKY, "Sabine", SURNAME)
    directory.reset_password(UNLUCKY, play.new_password())
    with story.screen.busy("onboard-user runs"):
        execution = play.onboardings.follow(play.onboardings.next_for(UNLUCKY), story.state)
    _keep(play, f"onboard-user, {UNLUCKY} created", execution)
    story.check(f"onboard-user for {UNLUCKY}", "FAILED", execution.status)
    agent = f"Connect user Sabine {SURNAME}; in no group"
    before = _look(play, UNLUCKY, "when WorkSpaces failed", f"no WorkSpace; {agent}")
    failed = f"[adsteward] {UNLUCKY} NOT fully onboarded: without Amazon WorkSpaces"
    mail = _check_mail(play, UNLUCKY, 0, "Mail of the failure", failed)
    story.step("The quota is raised, and somebody starts it again by the command in the mail")
    play.lab.run("workspaces", "--limit", LIMIT_LIFTED)
    command = INPUT.search(mail.get("body", ""))
    machine = play.onboardings.machine
    play.aws.client("stepfunctions").start_execution(stateMachineArn=machine, input=command[1] if command else "{}")
    with story.screen.busy("onboard-user runs"):
        execution = play.onboardings.follow(play.onboardings.next_for(UNLUCKY), story.state)
    _keep(play, f"onboard-user, {UNLUCKY} once more", execution)
    after = _look(play, UNLUCKY, "when started again", f"WorkSpace AVAILABLE; {agent}")
    story.check(f"The Connect user of {UNLUCKY}", "the same", _same(after.agents == before.agents))
    _check_mail(play, UNLUCKY, 1, "Mail once started again", f"[adsteward] {UNLUCKY} onboarded: {SERVICES}")


def compare_contained(play: Play) -> None:
    """Containments and the release had their effects meanwhile, by the same events."""
    story = play.story
    story.step(f"And {RELEASED}, whom a person has released, and {CONTAINED}, who is contained still?")
    play.onboardings.all_ended(RELEASED)
    play.offboardings.all_ended(CONTAINED)
    before, after = play.person(RELEASED).at("before the finding"), _look(play, RELEASED, "at the end", HAS_RELEASED)
    same = (before.workspaces.keys(), before.agents) == (after.workspaces.keys(), after.agents)
    story.check(f"WorkSpace and Connect user of {RELEASED}", "the same", _same(same))
    _look(play, CONTAINED, "at the end", "WorkSpace STOPPED; Connect user Bob Beamish; in no group")
    for user, expected in ((RELEASED, f"{RELEASED} is back: Amazon"), (CONTAINED, f"{CONTAINED} is contained by")):
        last = play.mail.of_accounts(user)[-1]
        story.mail(last)
        story.check(f"The last mail about {user}", f"[adsteward] {expected}", last["subject"], expected in last["subject"])


def _look(play: Play, user: str, when: str, expected: str) -> Accounts:
    accounts = play.person(user).settled(when)
    play.story.quote(accounts.shown, f"the services say, {when}")
    play.story.check(f"{user}, {when}", expected, accounts.words)
    return accounts


def _taking(play: Play, user: str) -> str | None:
    """The execution that takes his accounts: of two events about him the other one is left to it."""
    for arn in play.offboardings.of(user):
        first = next((s for s in play.offboardings.look(arn).states if s.name == "Look what is to be done"), None)
        if first is not None and isinstance(first.output, dict) and first.output.get("outcome") == "leaving":
            return arn
    return None


def _same(so: bool) -> str:
    return "the same" if so else "another"


def _keep(play: Play, what: str, execution: Execution) -> None:
    play.gathered.account_flows.append((what, execution))


def _copies_known(play: Play) -> bool:
    lines = play.lab.run("logs", "ad-event-starter").splitlines()
    return any("execution was there" in line and USER in line for line in lines)


def _check_mail(play: Play, user: str, before: int, name: str, subject: str) -> dict:
    """The mails about the user since then: one, with this subject."""
    told = play.mail.of_accounts(user)[before:]
    play.gathered.mails = play.mail.all()
    for mail in told:
        play.story.mail(mail)
    seen = f"{plural(len(told), 'mail')}: {', '.join(mail['subject'] for mail in told)}"
    play.story.check(name, f"1 mail: {subject}", seen)
    return told[-1] if told else {}
