"""What happened in time: the timeline, the executions, the calls."""

import re
from datetime import datetime

from demo.execution import Execution
from demo.play import Play
from demo.report.html import Markup, details, element, row, section, table, text
from demo.story import Entry

# Calls that change the directory, give or take accounts, reach an instance or people, or make a secret.
CHANGES = (
    "DisableUser",
    "ResetUserPassword",
    "CreateUser",
    "SendCommand",
    "CreateComputer",
    "Publish",
    "AddGroupMember",
    "RemoveGroupMember",
    "CreateWorkspaces",
    "StartWorkspaces",
    "StopWorkspaces",
    "DeleteUser",
    "CreateSecret",
    "PutSecretValue",
    "UpdateSecretVersionStage",
    "StartExecution",
    "Delete",
)
# What a function says to a domain controller itself, under its own name and no role.
DIRECT = ("kerberos", "ldap")
ROLE = re.compile(r":assumed-role/(?:adsteward-)?([^/]+?)(?:-[0-9A-F]{12,})?/")


def timeline(play: Play) -> Markup:
    groups: list[tuple[Entry, list[Entry]]] = []
    for entry in play.story.entries:
        if entry.kind == "step":
            groups.append((entry, []))
        elif groups:
            groups[-1][1].append(entry)
    items = [
        element(
            "li",
            element("h3", _time(step.at), element("span", step.text)),
            *(_entry(entry) for entry in entries),
            class_="good" if all(entry.ok for entry in entries) else "bad",
        )
        for step, entries in groups
    ]
    return section(
        "timeline",
        "Timeline",
        element("p", "Seconds since the start of the demo.", class_="quiet"),
        element("ol", *items, class_="timeline"),
    )


def _entry(entry: Entry) -> Markup:
    if entry.kind == "check":
        mark = element("b", "✓ " if entry.ok else "✗ ", class_="good" if entry.ok else "bad")
        return element("p", _time(entry.at), element("span", mark, entry.text, class_="check"))
    if entry.kind == "quote":
        return element("div", details(entry.label, element("pre", entry.text)), class_="quote")
    label = element("i", entry.label) if entry.label else ""
    return element("p", _time(entry.at), element("span", label, entry.text), class_=entry.kind)


def _time(seconds: float) -> Markup:
    return element("time", f"{seconds:.1f}")


def executions(play: Play) -> Markup:
    gathered = play.gathered
    known = [("contain-user", gathered.contained), ("release-user", gathered.released)]
    charts = [part for name, execution in known if execution for part in _chart(name, execution)]
    rows = [
        row(
            what, execution.outcome, execution.status, _number(execution.seconds, " s"), element("code", execution.name)
        )
        for what, execution in gathered.others
    ]
    if rows:
        charts += [
            element("h3", "The same finding, delivered again"),
            table(["delivery", "outcome", "status", "took", "execution"], rows),
        ]
    charts += [part for what, execution in gathered.account_flows for part in _chart(what, execution)]
    return section("executions", "Executions", *charts)


def _chart(name: str, execution: Execution) -> list[Markup]:
    """Each state as a bar on the execution's time."""
    start, whole = execution.states[0].began, max(execution.seconds, 0.001)
    rows = []
    for state in execution.states:
        left = (state.began - start).total_seconds() / whole * 100
        width = max(state.seconds / whole * 100, 0.4)
        bar = element("i", style=f"margin-left:{min(left, 99.6):.2f}%;width:{min(width, 100 - left):.2f}%")
        lane = element("div", bar, class_=f"lane {state.kind.lower()}")
        rows.append(row(state.name, state.words, _number(state.seconds, " s"), lane))
    ended = "after" if execution.status == "RUNNING" else "in"
    title = element("h3", f"{name}: {execution.status} {ended} {execution.seconds:.1f} s ", element("code", execution.name))
    return [title, table(["state", "came out", "took", f"of {execution.seconds:.1f} s"], rows, "chart")]


def calls(play: Play) -> Markup:
    """The ledger of the lab from the finding on, without the demo's own looking."""
    made = play.gathered.calls
    theirs = [call for call in made if ":assumed-role/" in call["principal"] or call["service"] in DIRECT]
    changes = [_call(play, call) for call in theirs if call["operation"] in CHANGES and call["error"] is None]
    head = ["s", "who", "call", "on", "answer"]
    operator = len(made) - len(theirs)
    words = (
        f"From the finding on, adsteward and the person made {len(theirs)} calls; the demo itself, as the "
        f"lab's operator, made {operator} more to look (not shown). These {len(changes)} had an effect:"
    )
    return section(
        "calls",
        "Calls",
        element("p", words),
        table(head, changes, "ledger"),
        details(f"All {len(theirs)} calls", table(head, [_call(play, call) for call in theirs], "ledger")),
    )


def _call(play: Play, call: dict) -> Markup:
    at = datetime.fromisoformat(call["time"]).timestamp() - play.story.screen.began
    role = ROLE.search(call["principal"])
    session = call["principal"].rpartition("/")[2]
    name = role[1] if role and role[1].endswith("Role") else f"{role[1]}/{session}" if role else call["principal"]
    who = element("span", name, title=call["principal"])
    service = element("span", f"{call['service']} ", class_="quiet")
    resource = element("code", call["resource"].split(":", 5)[-1], title=call["resource"])
    answer = "ok" if call["error"] is None else call["error"]
    disable = "disable" if call["operation"] == "DisableUser" else ""
    return row(_number(at), who, text(service, call["operation"]), resource, answer, class_=disable)


def _number(seconds: float, unit: str = "") -> Markup:
    return element("span", f"{seconds:.1f}{unit}", class_="number")
