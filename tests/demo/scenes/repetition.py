"""The same finding again, and the independent witness of what was done: nothing more may happen."""

import json
from collections import Counter

from demo import finding
from demo.execution import Execution
from demo.play import USER, Play, plural
from demo.wait import eventually

COPIES = 5


def deliver_again(play: Play) -> None:
    """EventBridge may deliver an event more than once; GuardDuty updates a finding for as long as it goes on."""
    story = play.story
    story.step(f"The same finding again: {COPIES} copies, then an update")
    mails = len(play.mail.read())
    with story.screen.busy(f"{COPIES} copies and an update are worked on") as busy:
        for _ in range(COPIES):
            finding.emit(play.lab, play.event)
        ended = [play.executions.follow(arn) for arn in play.executions.new(COPIES)]
        busy.what = "The update is worked on"
        play.event = finding.updated(play.event)
        finding.emit(play.lab, play.event)
        ended += [play.executions.follow(arn) for arn in play.executions.new(1)]
    play.gathered.others += [("a copy", execution) for execution in ended[:-1]] + [("an update", ended[-1])]
    story.fact("copies", _outcomes(ended[:-1]))
    story.fact("update", _outcomes(ended[-1:]))
    _check_no_effect(play, "Copies and an update", ended, mails)


def hear_witness(play: Play) -> None:
    story = play.story
    story.step("The independent witness: CloudTrail's record of the call")
    with story.screen.busy("CloudTrail's record reaches disable-witness"):
        seen = eventually("disable-witness to see the DisableUser record", lambda: _sightings(play) or None)
    for sighting in seen:
        named = ("message", "user.name", "ours", "told")
        story.fact("its log", json.dumps({name: sighting.get(name) for name in named}))
    play.gathered.mails = play.mail.read()
    silent = all(sighting.get("ours") is True and sighting.get("told") == "Before" for sighting in seen)
    kept = "stayed silent" if silent and len(play.gathered.mails) == 1 else "spoke"
    story.check("The witness", "saw 1 DisableUser, stayed silent", f"saw {len(seen)} DisableUser, {kept}")


def update_after_release(play: Play) -> None:
    story = play.story
    story.step("GuardDuty updates the finding once more, after the release")
    mails = len(play.mail.read())
    with story.screen.busy("The update is worked on"):
        play.event = finding.updated(play.event)
        finding.emit(play.lab, play.event)
        ended = [play.executions.follow(arn) for arn in play.executions.new(1)]
    play.gathered.others.append(("an update after the release", ended[0]))
    story.fact("update", _outcomes(ended))
    _check_no_effect(play, "Update after the release", ended, mails)
    still = play.directory.user(USER)["Enabled"]
    story.check(f"{USER} afterwards", "enabled", "enabled" if still else "disabled")


def _check_no_effect(play: Play, name: str, ended: list[Execution], mails_before: int) -> None:
    expected = f"{len(ended)} SUCCEEDED; in all 1 DisableUser; no new mail"
    statuses = ", ".join(f"{count} {status}" for status, count in Counter(e.status for e in ended).items())
    new = len(play.mail.read()) - mails_before
    told = plural(new, "new mail") if new else "no new mail"
    play.story.check(name, expected, f"{statuses}; in all {len(play.disable_calls())} DisableUser; {told}")


def _outcomes(executions: list[Execution]) -> str:
    return ", ".join(f"{count} x {outcome}" for outcome, count in Counter(e.outcome for e in executions).items())


def _sightings(play: Play) -> list[dict]:
    return [line for line in play.stack.witness_log() if line.get("message") == "DisableUser seen"]
