"""Instances join the domain by being launched, let the right people in, and leave it by being terminated."""

from demo.computers import Computer, Computers, shown
from demo.play import USER as STRANGER
from demo.play import Play
from demo.scenes.onboarding import GROUP
from demo.scenes.onboarding import USER as MEMBER

HOLD = "The lab leaves an instance alone for 2 seconds first; a deployment for 5 minutes, in which its user data runs."


def launch(play: Play) -> None:
    story, variables = play.story, play.lab.variables
    play.computers = computers = Computers(play.lab, play.stack, play.aws)
    play.mails_before_joining = len(play.mail.all())
    story.step(f"Launch two instances, one of them in another account and Region, with the tag adGroupName={GROUP}")
    story.say(HOLD)
    computers.launch("web-1", variables["AWS_ACCOUNT_ID"], variables["AWS_REGION"], GROUP)
    computers.launch("web-2", variables["MEMBER_ACCOUNT_ID"], variables["MEMBER_REGION"], GROUP)
    for computer in computers.all:
        story.fact(computer.name, f"{computer.id} of {computer.place}: launched. That is all.")
    with story.screen.busy("EC2 says so; domain-joiner works"):
        computers.until("joined", computers.all, lambda computer, words: story.fact(computer.name, words))
    play.gathered.joined_after = max(computer.steps[-1][0] for computer in computers.all)
    for computer in computers.all:
        _check_object(play, computer, f"{computer.name} is joined")
        story.check(f"{computer.name} as itself, by its own key", "accepted", _accepted(play, computer))


def show_command(play: Play) -> None:
    story, computer = play.story, play.computers.all[0]
    story.step("What can be read of it afterwards")
    story.quote(shown(play.computers.join_command(computer)), f"the command on {computer.name}, in Systems Manager's history")
    story.say("Secret is the one-time password, encrypted to a key that the instance had in memory only.")
    story.check(f"That key on {computer.name}", "gone", play.computers.keys(computer) or "gone")


def log_in(play: Play) -> None:
    story = play.story
    story.step(f"{MEMBER} of {GROUP} logs in, and {STRANGER}, who is not")
    for computer in play.computers.all:
        seen = [f"{user} {_admitted(play, computer, user)}" for user in (MEMBER, STRANGER)]
        story.check(f"Log-ins on {computer.name}", f"{MEMBER} admitted, {STRANGER} refused", ", ".join(seen))


def terminate(play: Play) -> None:
    story, computers = play.story, play.computers
    for number, computer in enumerate(computers.all):
        story.step(f"Terminate {computer.name}")
        computers.terminate(computer)
        with story.screen.busy("EC2 says so; domain-joiner removes what was the instance's"):
            computers.until("left", [computer], lambda computer, words: story.fact(computer.name, words))
        left = ", ".join(dn for dn, _ in computers.objects(computer)) or "gone"
        story.check(f"The computer object of {computer.name}", "gone", left)
        for other in computers.all[number + 1 :]:
            story.check(f"{other.name} meanwhile", "accepted", _accepted(play, other))
    told = [mail["subject"] for mail in play.mail.all()[play.mails_before_joining :] if " domain" in mail["subject"]]
    story.check("Mails about instances", "none", ", ".join(told) or "none")


def _check_object(play: Play, computer: Computer, name: str) -> None:
    """By SID and by name the directory has one object, in its unit, with the mark that was written down before."""
    found = play.computers.objects(computer)
    for dn, description in found:
        play.story.fact("the directory", f"{dn}, {computer.sid}")
        play.story.fact("", f"description: {description}")
    expected = f"1 object, CN={computer.object},{play.lab.variables['JOIN_OU'].partition(',DC=')[0]}, marked as its own"
    dns = [dn.partition(",DC=")[0] for dn, _ in found]
    own = all(description == computer.marker for _, description in found)
    plural = "object" if len(found) == 1 else "objects"
    seen = f"{len(found)} {plural}, {', '.join(dns)}, {'marked as its own' if own else 'not marked as its own'}"
    play.story.check(name, expected, seen)


def _accepted(play: Play, computer: Computer) -> str:
    return "accepted" if play.computers.is_member(computer) else "refused"


def _admitted(play: Play, computer: Computer, user: str) -> str:
    return "admitted" if play.computers.admits(computer, user) else "refused"
