"""What can be looked at: log-ins, who it was, the decision record, the mails."""

import json

from demo.play import Play
from demo.report.html import Markup, details, element, row, section, table, text

WHEN = {
    "before": "Before the finding",
    "after": "After the finding, same password",
    "released": "After the release, password from the secret",
}
# What the record says about the decision, in reading order; the rest follows behind.
RECORD = (
    "decision",
    "reason",
    "explanation",
    "user",
    "sid",
    "guardduty_user",
    "instance",
    "account",
    "finding_type",
    "severity",
    "mode",
    "before",
    "after",
    "calls",
    "decided_at",
    "acted_at",
)


def logins(play: Play) -> Markup:
    cards = [
        element(
            "div",
            element("h3", WHEN[when], " ", _verdict(login.accepted)),
            element("pre", login.words),
            class_="card " + ("good" if login.accepted else "bad"),
        )
        for when, login in play.gathered.logins
    ]
    return section("logins", "Kerberos log-ins", element("div", *cards, class_="cards"))


def _verdict(accepted: bool) -> Markup:
    return element("b", "accepted" if accepted else "refused", class_="good" if accepted else "bad")


def identity(play: Play) -> Markup:
    answer = play.gathered.answer
    if not answer:
        return Markup("")
    process = play.event["detail"]["service"]["runtimeDetails"]["process"]
    accounts = {account["uid"]: account for account in answer["accounts"]}
    human = accounts.get(answer["chain"][0]["login_uid"], {})
    before = play.gathered.before
    sources = [
        row("GuardDuty", process["user"], process["userId"], "", "saw the process"),
        row("the instance", human.get("name"), human.get("uid"), _code(human.get("sid")), "login uid of the process"),
        row(
            "the directory",
            before["SAMAccountName"],
            "",
            _code(before["SID"]),
            "its API; the user id follows from the SID",
        ),
    ]
    seen = {item["pid"]: item for item in answer["chain"]}
    chain = [
        row(p.pid, p.name, element("code", p.executable), p.uid, p.login_uid, seen.get(p.pid, {}).get("state", ""))
        for p in play.session.chain
    ]
    return section(
        "identity",
        "Who it was",
        element("p", "GuardDuty, the instance and the directory must name the same user; otherwise a person decides."),
        table(["source", "user", "user id", "SID", "how"], sources),
        element("h3", "The flagged process and its parents"),
        table(["pid", "name", "executable", "user id", "login uid", "when asked"], chain),
        details("The instance's answer, whole", element("pre", json.dumps(answer, indent=2))),
    )


def decision(play: Play) -> Markup:
    record = play.gathered.record
    if not record:
        return Markup("")
    rows = [row(element("b", name.replace("_", " ")), _value(record[name])) for name in RECORD if name in record]
    plain = json.dumps(record, indent=2, sort_keys=True, default=str)
    whole = details("The record, whole", element("pre", plain))
    return section("decision", "Decision record", table(["field", "value"], rows, "record"), whole)


def _value(value: object) -> Markup:
    if isinstance(value, dict):
        return text(", ".join(f"{key} = {str(item).lower()}" for key, item in value.items()))
    if isinstance(value, list):
        return text(*(element("div", item) for item in value))
    return text(value)


def mails(play: Play) -> Markup:
    cards = [
        element(
            "article",
            element("h3", mail["subject"]),
            element("p", f"to {mail['to']}, {mail['time'][11:19]} UTC", class_="quiet"),
            element("pre", mail["body"]),
            class_="mail",
        )
        for mail in play.gathered.mails
    ]
    return section("mail", "Mail, as received", *cards)


def _code(value: object) -> Markup:
    return element("code", value)
