"""Definitions read from the top, every state has its place, and what the template puts in is used."""

import re
from collections.abc import Iterator

from lint.state_machines.machine import Machine, ends_well, ways_on

ORDER = ["Comment", "QueryLanguage", "StartAt", "TimeoutSeconds", "States"]
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def check(machine: Machine) -> Iterator[str]:
    if list(machine.definition) != ORDER:
        yield f"keys are not {ORDER}"
    if machine.definition.get("QueryLanguage") != "JSONata":
        yield "QueryLanguage is not JSONata"
    yield from _states(machine)
    yield from _substitutions(machine)


def _states(machine: Machine) -> Iterator[str]:
    for scope in machine.scopes():
        for name in scope.states.keys() - scope.reachable(scope.start):
            yield f"{name}: is never reached"
        for name, state in scope.states.items():
            for target, _ in ways_on(state):
                if target not in scope.states:
                    yield f"{name}: goes to {target}, which is no state"
            ends = ends_well(state) or state["Type"] == "Fail"
            if ends == ("Next" in state or "Choices" in state):
                yield f"{name}: neither goes on nor ends, or does both"
            if state["Type"] == "Choice" and "Default" not in state:
                yield f"{name}: has no Default"
            if state["Type"] == "Choice" and not name.endswith("?"):
                yield f"{name}: is a Choice, but not a question"


def _substitutions(machine: Machine) -> Iterator[str]:
    used = set(PLACEHOLDER.findall(machine.text))
    for name in sorted(used - machine.substitutions):
        yield f"${{{name}}} is not in DefinitionSubstitutions"
    for name in sorted(machine.substitutions - used):
        yield f"DefinitionSubstitutions has {name}, which the definition does not use"
