"""The whole play: scenes, summary, report, and an end that leaves nothing behind."""

import argparse
import shutil
import signal
import subprocess
import time
import traceback

from demo import paths, report, summary
from demo.errors import DemoError
from demo.lab import Lab
from demo.play import Play
from demo.scenes import approval, containment, joining, onboarding, release, repetition, rotation, secrecy, stage
from demo.screen import Screen
from demo.story import Story

SCENES = (
    stage.start_lab,
    stage.create_user,
    stage.open_session,
    containment.raise_finding,
    containment.contain,
    containment.show_identification,
    containment.show_decision,
    containment.show_directory,
    containment.show_mail,
    repetition.deliver_again,
    repetition.hear_witness,
    release.release,
    repetition.update_after_release,
    approval.ask_people,
    rotation.rotate,
    rotation.kill,
    rotation.undo,
    rotation.refuse,
    onboarding.onboard,
    onboarding.tell_again,
    onboarding.off_board,
    onboarding.bring_back,
    onboarding.fail,
    onboarding.compare_contained,
    joining.launch,
    joining.show_command,
    joining.log_in,
    joining.terminate,
    secrecy.look_for_passwords,
)
FUNCTIONS = (
    "guardduty-responder",
    "containment-approver",
    "user-releaser",
    "disable-witness",
    "secret-rotator",
    "ad-event-starter",
    "user-provisioner",
    "user-offboarder",
    "domain-joiner",
)
TITLE = (
    "adsteward: a user is found, disabled and released; passwords are rotated; accounts are given, taken and given back; "
    "instances join and leave"
)
INTERRUPTED = 130


def main(argv: list[str]) -> int:
    """Exit 0: every check held. 1: one did not, or there was no way on. 2: wrong usage. 130: interrupted."""
    described = "Plays adsteward from a finding to a release, rotations of passwords, on- and off-boarding, joining instances."
    parser = argparse.ArgumentParser(prog="scripts/demo", description=described)
    parser.add_argument("--keep", action="store_true", help="leave the lab running")
    parser.add_argument("--began", type=float, default=time.time(), help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    screen = Screen(arguments.began)
    play = Play(Lab(), Story(screen))
    screen.line(screen.style(TITLE, "bold"), timed=False)
    trouble, code = "", 1
    try:
        trouble = _perform(play)
        code = 1 if trouble or play.story.failed() else 0
    except KeyboardInterrupt:
        trouble, code = "interrupted", INTERRUPTED
    for number in (signal.SIGINT, signal.SIGTERM):  # the end must not be cut short
        signal.signal(number, signal.SIG_IGN)
    left = _end(play, arguments.keep and code != INTERRUPTED, code)
    summary.show(play.story, trouble)
    if play.story.checks:
        report.write(play, trouble)
        screen.line(f"report: {paths.shown(paths.REPORT)}", timed=False)
    if code:
        screen.line(f"logs:   {paths.shown(paths.LOGS)}", timed=False)
    screen.line(left, timed=False)
    return code


def _perform(play: Play) -> str:
    """Play the scenes; what stopped them, if anything did."""
    try:
        for scene in SCENES:
            scene(play)
    except DemoError as error:
        return str(error)
    except Exception as error:  # whatever AWS or the lab says: it is told, and the lab is ended
        (paths.LOGS / "demo.log").write_text(traceback.format_exc())
        return f"{type(error).__name__}: {error}"
    return ""


def _end(play: Play, keep: bool, code: int) -> str:
    """End the user's session and the lab; after a failure keep the logs. Says what is left."""
    if code == 1:
        _keep_logs(play.lab)
    if play.session is not None:
        play.session.end()
    if keep:
        return "The lab goes on; end it with: scripts/lab down"
    try:
        play.lab.down()
    except subprocess.CalledProcessError as error:
        return f"THE LAB STILL RUNS: scripts/lab down: {error.stderr.decode().strip()}"
    return "The lab is down; nothing is left running."


def _keep_logs(lab: Lab) -> None:
    """The functions' logs go with the lab, the lab's own with its next start."""
    for function in FUNCTIONS:
        logged = lab.try_run("logs", function)
        (paths.LOGS / f"{function}.log").write_text(logged.stdout + logged.stderr)
    if paths.LAB_LOGS.is_dir():
        shutil.copytree(paths.LAB_LOGS, paths.LOGS / "lab", dirs_exist_ok=True)
