"""Before anything happens: the lab, alice, and her session on an instance."""

import json

from demo.aws import Aws, Directory, Stack
from demo.execution import Executions
from demo.host import Host, Session
from demo.kerberos import log_in
from demo.play import USER, Play, enabled
from demo.wait import eventually


def start_lab(play: Play) -> None:
    lab, story = play.lab, play.story
    story.step("Start a local AWS with a real Active Directory, and deploy adsteward to it")
    running = json.loads(lab.run("status"))["running"]
    if running:
        story.say(
            "A lab is already running in this checkout. The demo uses it, with its data reset, and ends it with itself."
        )
        with story.screen.busy("Resetting the lab's data") as busy:  # before a deployment takes it for what a reset goes back to
            lab.follow("reset", on_line=lambda line: setattr(busy, "detail", line))
    with story.screen.busy("Building, starting and deploying") as busy:
        lab.follow("up", on_line=lambda line: setattr(busy, "detail", line))
    lab.load_variables()
    play.aws = Aws.operator(lab.variables)
    play.stack = Stack(play.aws, lab.variables["STACK_NAME"])
    play.directory = Directory(play.aws, lab.variables["DIRECTORY_ID"])
    play.onboardings = Executions(play.aws, play.stack.output("OnboardStateMachineArn"))
    play.offboardings = Executions(play.aws, play.stack.output("OffboardStateMachineArn"))
    story.fact("AWS", f"{play.aws.endpoint}, account {lab.variables['AWS_ACCOUNT_ID']}, Region {play.aws.region}")
    story.fact("Active Directory", f"{lab.variables['AD_DOMAIN']} on {lab.variables['AD_KDC']}, as {play.directory.id}")
    story.fact("stack", f"{play.stack.name}, deployed by sam from template.yaml")
    story.check("The stack may act", "mode enforce", f"mode {play.stack.parameter('Mode')}")


def create_user(play: Play) -> None:
    story, directory = play.story, play.directory
    story.step(f"Create {USER}, who can log in")
    password = play.new_password()
    directory.create_user(USER, "Alice", "Liddell")
    directory.reset_password(USER, password)
    user = eventually(f"{USER} in the directory", lambda: directory.user(USER))
    play.gathered.before = user
    story.fact("directory says", f"{user['SAMAccountName']}, {user['SID']}, {enabled(user)}")
    login = log_in(play.lab, USER, password)
    play.gathered.logins.append(("before", login))
    story.quote(login.words, "a Kerberos log-in, as the domain controller answers it")
    story.check("Kerberos log-in before", "accepted", "accepted" if login.accepted else login.refusal)


def open_session(play: Play) -> None:
    story, lab = play.story, play.lab
    story.step(f"Log {USER} in on an EC2 instance")
    with story.screen.busy("Starting an instance and joining it to the domain"):
        play.host = Host(lab, lab.run("instance", "run", "--joined", "--tag", "Name=bastion").strip())
        play.session = Session(play.host, USER)
    flagged = play.session.chain[0]
    record = play.host.record
    story.fact("instance", f"{play.host.id}, {record['hostname']}, {record['ip']}, joined to the domain")
    ids = f"user id {flagged.uid}, login uid {flagged.login_uid}"
    story.fact("process", f"{flagged.executable}, pid {flagged.pid}, {ids}")
    story.fact("its parents", ", ".join(f"{p.name} (pid {p.pid}, user id {p.uid})" for p in play.session.chain[1:]))
    with story.screen.busy(f"onboard-user gives {USER} her accounts"):
        play.onboardings.all_ended(USER)
    story.fact("her accounts", play.person(USER).look("before the finding").words)
    story.say("It asks the name server for guarddutyc2activityb.com every 2 seconds, and goes on doing so.")
    story.check(
        "Login uid of the process",
        f"user id {flagged.uid}",
        f"user id {flagged.login_uid}",
        flagged.uid == flagged.login_uid > 0,
    )
