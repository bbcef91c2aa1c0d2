"""The page as a whole: what happened in short, then the sections."""

import subprocess
from datetime import UTC, datetime

from demo import paths
from demo.errors import DemoError
from demo.play import USER, Play
from demo.report import accounts, computers, events, evidence, rotation
from demo.scenes.onboarding import USER as NEWCOMER
from demo.report.events import ROLE
from demo.report.html import Markup, element, row, section, table, text

SECTIONS = (
    ("checks", "Checks"),
    ("logins", "Log-ins"),
    ("timeline", "Timeline"),
    ("executions", "Executions"),
    ("identity", "Who it was"),
    ("decision", "Decision"),
    ("rotations", "Rotations"),
    ("accounts", "Accounts"),
    ("instances", "Instances"),
    ("mail", "Mail"),
    ("calls", "Calls"),
)


def write(play: Play, trouble: str) -> None:
    """Write the report; whatever has not come to pass is left out of it."""
    body = [
        _head(play, trouble),
        _navigation(),
        _checks(play),
        evidence.logins(play),
        events.timeline(play),
        events.executions(play),
        evidence.identity(play),
        evidence.decision(play),
        rotation.rotations(play),
        accounts.accounts(play),
        computers.computers(play),
        evidence.mails(play),
        events.calls(play),
    ]
    style = (paths.PACKAGE / "report" / "report.css").read_text()
    head = text(
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="color-scheme" content="light dark">'),
        element("title", "adsteward demo"),
        element("style", Markup(style)),
    )
    page = Markup("<!doctype html>\n") + element("html", element("head", head), element("body", *body), lang="en")
    if any(password in page for password in play.passwords):
        raise DemoError("the report would show a password; it was not written")
    paths.REPORT.write_text(page)


def _head(play: Play, trouble: str) -> Markup:
    story, gathered = play.story, play.gathered
    failed = len(story.failed())
    good = not failed and not trouble
    verdict = f"{len(story.checks) - failed} of {len(story.checks)} checks held"
    if trouble:
        verdict += f"; stopped: {trouble}"
    if good:
        contained = f"{USER} was disabled {gathered.disabled_after:.1f} s after the finding and released by a person"
        rotated = "passwords were rotated, and none was lost"
        onboarded = f"{NEWCOMER} got his accounts, lost them and was put back"
        headline = f"{contained}; {rotated}; {onboarded}; instances joined and left"
    else:
        headline = "The demo did not show what it should"
    began = datetime.fromtimestamp(story.screen.began, UTC)
    line = f"adsteward demo, {began:%d %B %Y, %H:%M} UTC, commit {_commit()}, {story.screen.elapsed():.1f} s in all"
    return element(
        "header",
        element("p", verdict, class_="verdict " + ("good" if good else "bad")),
        element("h1", headline),
        element("p", line, class_="quiet"),
        _tiles(play),
    )


def _tiles(play: Play) -> Markup:
    gathered = play.gathered
    if gathered.contained is None:
        return Markup("")
    disabled = [call for call in gathered.calls if call["operation"] == "DisableUser" and ROLE.search(call["principal"])]
    told = f"{gathered.told_after:.1f} s"
    tiles = (
        (f"{gathered.disabled_after:.1f} s", "from the finding to the disabled user"),
        (told, "from the finding to the mail"),
        (f"{len(disabled)}", f"DisableUser by adsteward, for {len(gathered.others) + 1} deliveries of the finding"),
        (f"{gathered.rotated_after:.1f} s", "from “Rotate secret immediately” to its end"),
        (f"{gathered.onboarded_after:.1f} s", "from the new user to his WorkSpace and his user in Amazon Connect"),
        (f"{gathered.joined_after:.1f} s", "from two launched instances to two members of the domain"),
    )
    return element(
        "div", *(element("div", element("b", value), element("span", label)) for value, label in tiles), class_="tiles"
    )


def _navigation() -> Markup:
    return element("nav", *(element("a", title, href=f"#{name}") for name, title in SECTIONS))


def _checks(play: Play) -> Markup:
    rows = [
        row(
            _mark(check.ok),
            check.name,
            check.expected,
            check.seen,
            element("span", f"{check.seconds:.1f} s", class_="number"),
            class_="" if check.ok else "bad",
        )
        for check in play.story.checks
    ]
    return section("checks", "Checks", table(["", "check", "expected", "seen", "took"], rows))


def _mark(ok: bool) -> Markup:
    return element("span", "✓" if ok else "✗", class_="good" if ok else "bad", title="held" if ok else "failed")


def _commit() -> str:
    asked = subprocess.run(
        ["git", "-C", paths.ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unknown"
