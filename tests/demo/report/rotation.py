"""The rotations: what each step said, and where the secret's labels were."""

from demo.play import Play
from demo.report.html import Markup, element, row, section, table, text
from demo.rotation import Row


def rotations(play: Play) -> Markup:
    parts = []
    for rotation in play.gathered.rotations:
        steps = [
            row(step.attempt, step.name, element("span", step.words, class_="" if step.ok else "bad"))
            for step in rotation.steps
        ]
        labels = [_label(when, number, held) for when, rows in rotation.tables for number, held in enumerate(rows)]
        parts += [
            element("h3", rotation.title, " ", element("code", rotation.secret)),
            table(["when", "label", "version", "", "log-in with its password"], labels, "labels"),
            table(["attempt", "step", "came out"], steps, "steps"),
        ]
    return section("rotations", "Rotations", *parts) if parts else Markup("")


def _label(when: str, number: int, held: Row) -> Markup:
    """The first of a time's labels says when."""
    return row(
        element("b", when) if number == 0 else "",
        held.label,
        text("version ", held.number),
        element("code", held.version),
        element("b", held.words, class_="good") if held.login and held.login.accepted else held.words,
        class_="first" if number == 0 else "",
    )
