"""The accounts of each person, as WorkSpaces, Connect and the directory had them at times."""

from demo.accounts import Accounts, Person
from demo.play import Play
from demo.report.html import Markup, element, row, section, table, text


def accounts(play: Play) -> Markup:
    parts = [part for person in play.gathered.people for part in _person(person)]
    return section("accounts", "Accounts", *parts) if parts else Markup("")


def _person(person: Person) -> list[Markup]:
    rows = [_seen(when, accounts) for when, accounts in person.seen]
    return [element("h3", person.name), table(["when", "WorkSpace", "user in Amazon Connect", "groups"], rows, "accounts")]


def _seen(when: str, accounts: Accounts) -> Markup:
    return row(
        element("b", when),
        _each((state, id) for id, state in accounts.workspaces.items()),
        _each((name, id) for id, name in accounts.agents.items()),
        ", ".join(accounts.groups) or _nothing(),
    )


def _each(found) -> Markup:
    parts = [element("div", what, " ", element("code", id)) for what, id in found]
    return text(*parts) if parts else _nothing()


def _nothing() -> Markup:
    return element("span", "none", class_="quiet")
