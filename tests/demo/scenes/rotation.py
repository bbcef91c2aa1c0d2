"""Passwords are rotated: as a rule, killed in the middle, undone, and refused."""

import time
from itertools import groupby

from demo.aws import Directory
from demo.kerberos import log_in
from demo.play import Play, enabled, plural
from demo.rotation import STEPS, Rotation, Secret, Step, shown, standing
from demo.scenes.approval import USER as CONTAINED

SERVICE, SIMPLE_SERVICE = "svc-rotated", "svc-report"
WRONG, REVOKED = "refused: wrong password", "refused: credentials revoked"
# Each step asks for the labels first, setSecret once more when it has set a password: where a pause comes, and for how
# long the demo may look meanwhile.
LABELS_READ_BEFORE_RETRY, LABELS_READ_BEFORE_TEST = 2, 3
PAUSE_MS = 6000


def rotate(play: Play) -> None:
    story, aws = play.story, play.aws
    story.step(f"Rotate the password of {SERVICE}")
    arn, realm = play.stack.output("RotatedSecretArn"), play.lab.variables["AD_REALM"]
    secret = play.service_secret = Secret(play.lab, aws, arn, SERVICE, realm, play.passwords)
    story.say(
        "The deployment has taken this service account over: version 1 of its secret is a random value, which "
        "the directory never had, and was rotated at once. Nobody has ever known version 2."
    )
    story.say("AWSPENDING on AWSCURRENT's version means that no rotation is under way.")
    rotation = _begin(play, "Rotated", secret)
    _table(play, rotation, "before", secret, f"AWSCURRENT version 2, accepted; AWSPREVIOUS version 1, {WRONG}")
    mails, resets = len(play.mail.read()), play.made("ResetUserPassword")
    with story.screen.busy("Secrets Manager calls secret-rotator"):
        began = time.monotonic()
        secret.rotate()
        outcome, rotation.steps = secret.ended()
        play.gathered.rotated_after = time.monotonic() - began
    _tell(play, rotation.steps)
    story.check(f"{SERVICE}: the rotation", f"{', '.join(STEPS)}: Succeeded", f"{_names(rotation.steps)}: {outcome}")
    _table(play, rotation, "after", secret, f"AWSCURRENT version 3, accepted; AWSPREVIOUS version 2, {WRONG}")
    logins = [row.login.words for row in rotation.tables[-1][1] if row.login and row.label != "AWSPENDING"]
    story.quote("\n".join(logins), "Kerberos log-ins with the new password, and with the old one")
    story.check(f"{SERVICE}: passwords set", "1 ResetUserPassword", _resets(play, resets))
    _check_mail(play, mails, "Mail of the rotation", secret, "1 mail: [adsteward] password rotated")


def kill(play: Play) -> None:
    """The most dangerous moment: the directory has the new password already, and AWSCURRENT is still the old one."""
    story, lab = play.story, play.lab
    story.step(f"In a Simple AD, the function is killed when it has just set the password of {SIMPLE_SERVICE}")
    directory, realm = Directory(play.aws, lab.variables["SIMPLE_DIRECTORY_ID"]), lab.variables["SIMPLE_AD_REALM"]
    password = play.new_password()
    directory.reset_password(SIMPLE_SERVICE, password)
    secret = Secret.store(lab, directory, realm, SIMPLE_SERVICE, password, play.passwords)
    rotation = _begin(play, "Killed in the middle", secret)
    _table(play, rotation, "before the kill", secret, "AWSCURRENT version 1, accepted")
    lab.run("fault", "ds", "ResetUserPassword", "kill-after", "--for", secret.arn)
    _hold(play, secret, LABELS_READ_BEFORE_RETRY)
    resets = play.made("ResetUserPassword")
    with story.screen.busy("Secrets Manager calls secret-rotator, which is killed"):
        secret.turn_on(play.stack.output("SecretRotatorFunctionArn"))
        secret.wait_for_step("createSecret", attempt=2)
        story.fact("killed", "by SIGKILL, in setSecret, when ResetUserPassword had its effect")
        expected = f"AWSCURRENT version 1, {WRONG}; AWSPENDING version 2, accepted"
        _table(play, rotation, "after the kill", secret, expected)
    with story.screen.busy("Secrets Manager calls all steps again"):
        outcome, rotation.steps = secret.ended()
    _tell(play, rotation.steps)
    failed = [step.name for step in rotation.steps if not step.ok]
    seen = f"{', '.join(failed)} failed; attempt {rotation.steps[-1].attempt} {outcome}; {_resets(play, resets)}"
    story.check(f"{SIMPLE_SERVICE}: heals by itself", "setSecret failed; attempt 2 Succeeded; 1 ResetUserPassword", seen)
    _table(play, rotation, "once healed", secret, f"AWSCURRENT version 2, accepted; AWSPREVIOUS version 1, {WRONG}")


def undo(play: Play) -> None:
    story, secret = play.story, play.service_secret
    story.step(f"Somebody else sets a password of {SERVICE} while a rotation is under way")
    rotation = _begin(play, "Undone", secret)
    _table(play, rotation, "before that", secret, f"AWSCURRENT version 3, accepted; AWSPREVIOUS version 2, {WRONG}")
    mails, somebodys = len(play.mail.read()), play.new_password()
    _hold(play, secret, LABELS_READ_BEFORE_TEST)
    with story.screen.busy("Secrets Manager calls secret-rotator") as busy:
        secret.rotate()
        secret.wait_for_step("testSecret")
        secret.remember("AWSPENDING")
        play.directory.reset_password(SERVICE, somebodys)
        story.fact("somebody", "sets a third password, between setSecret and testSecret")
        busy.what = "secret-rotator tries the new password until it is sure, then undoes the rotation"
        outcome, rotation.steps = secret.ended()
    _tell(play, rotation.steps)
    last = rotation.steps[-1]
    seen = f"{outcome}: {_error(last)} in {last.name}, attempt {last.attempt}"
    story.check(f"{SERVICE}: undone", "Failed: RotationReverted in testSecret, attempt 1", seen)
    _table(play, rotation, "once undone", secret, f"AWSCURRENT version 3, accepted; AWSPREVIOUS version 2, {WRONG}")
    story.check(f"{SERVICE}: somebody's password", WRONG, log_in(play.lab, SERVICE, somebodys).verdict)
    _check_mail(play, mails, "Mail of the revert", secret, "1 mail: [adsteward] password rotation undone")


def refuse(play: Play) -> None:
    """A reset is the service's only way to enable a user: rotating would undo the containment."""
    story = play.story
    story.step(f"A rotation for {CONTAINED}, whom adsteward has disabled")
    password, realm = play.given_passwords[CONTAINED], play.lab.variables["AD_REALM"]
    secret = Secret.store(play.lab, play.directory, realm, CONTAINED, password, play.passwords)
    rotation = _begin(play, "Refused", secret)
    _table(play, rotation, "while disabled", secret, f"AWSCURRENT version 1, {REVOKED}")
    mails, resets = len(play.mail.read()), play.made("ResetUserPassword")
    with story.screen.busy("Secrets Manager calls secret-rotator, again and again"):
        secret.turn_on(play.stack.output("SecretRotatorFunctionArn"))
        outcome, rotation.steps = secret.ended()
    _tell(play, rotation.steps)
    answers = ", ".join(sorted({f"{_error(step)} in {step.name}" for step in rotation.steps}))
    story.check(f"{CONTAINED}: the rotation", "Failed: RotationRefused in createSecret", f"{outcome}: {answers}")
    seen = f"{enabled(play.directory.user(CONTAINED))}, {_resets(play, resets)}"
    story.check(f"{CONTAINED}: afterwards", "disabled, 0 ResetUserPassword", seen)
    expected = f"AWSCURRENT version 1, {REVOKED}; AWSPENDING version 2, has no value"
    _table(play, rotation, "once refused", secret, expected)
    attempts = rotation.steps[-1].attempt
    expected = f"{plural(attempts, 'mail')}: [adsteward] password rotation refused"
    _check_mail(play, mails, "Mail of the refusal, each time", secret, expected)


def _begin(play: Play, title: str, secret: Secret) -> Rotation:
    rotation = Rotation(f"{title}: {secret.user}", secret.name)
    play.gathered.rotations.append(rotation)
    play.story.fact("secret", secret.name)
    return rotation


def _hold(play: Play, secret: Secret, reads: int) -> None:
    """Let the next rotation pause before a step, for long enough to look."""
    fault = ("fault", "secretsmanager", "DescribeSecret", "delay", "--delay-ms", str(PAUSE_MS))
    play.lab.run(*fault, "--after", str(reads), "--for", secret.arn)


def _table(play: Play, rotation: Rotation, when: str, secret: Secret, expected: str) -> None:
    """Show the labels and try their passwords."""
    rows = secret.labels()
    rotation.tables.append((when, rows))
    play.story.quote(shown(rows), f"the secret's labels {when}, and a Kerberos log-in with the password of each")
    play.story.check(f"{secret.user}: labels {when}", expected, standing(rows))


def _tell(play: Play, steps: list[Step]) -> None:
    """An attempt that went like the one before it is told in a line."""
    before: list[tuple[str, str]] = []
    for attempt, taken in groupby(steps, lambda step: step.attempt):
        now = [(step.name, step.words) for step in taken]
        if attempt > 1:
            play.story.say(f"Attempt {attempt}: " + ("the same." if now == before else "all steps again."))
        for name, words in now if now != before else ():
            play.story.fact(name, words)
        before = now


def _names(steps: list[Step]) -> str:
    return ", ".join(step.name for step in steps)


def _error(step: Step) -> str:
    """The error's type, by which alarms and people know it."""
    return step.words.partition(":")[0]


def _resets(play: Play, before: int) -> str:
    return f"{play.made('ResetUserPassword') - before} ResetUserPassword"


def _check_mail(play: Play, before: int, name: str, secret: Secret, expected: str) -> None:
    """Show the first mail about the secret since then."""
    play.gathered.mails = play.mail.read()
    told = [mail for mail in play.gathered.mails[before:] if secret.name in mail["subject"]]
    for mail in told[:1]:
        play.story.mail(mail)
    subjects = sorted({mail["subject"].partition(": ")[0] for mail in told})
    play.story.check(name, expected, f"{plural(len(told), 'mail')}: {', '.join(subjects)}")
