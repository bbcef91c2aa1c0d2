"""The instances: where they were, what they were in the directory, and when they joined and left."""

from demo.computers import Computer
from demo.play import Play
from demo.report.html import Markup, element, row, section, table, text


def computers(play: Play) -> Markup:
    if play.computers is None:
        return Markup("")
    rows = [_row(computer) for computer in play.computers.all]
    head = ["instance", "in the directory", "seconds after its launch", "seconds after its end"]
    return section("instances", "Instances", table(head, rows, "instances"))


def _row(computer: Computer) -> Markup:
    return row(
        _lines(element("b", computer.name), element("code", computer.id), computer.place),
        _lines(element("code", computer.object), element("code", computer.sid)),
        _steps(computer, ("requested", "sent", "joined")),
        _steps(computer, ("leaving", "left")),
    )


def _steps(computer: Computer, states: tuple[str, ...]) -> Markup:
    return _lines(*(f"{seconds:.1f}: {words}" for seconds, state, words in computer.steps if state in states))


def _lines(*lines: str) -> Markup:
    return text(*(element("div", line) for line in lines))
