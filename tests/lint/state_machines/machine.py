"""State machines as their template declares them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse


@dataclass(frozen=True)
class Scope:
    """States that follow one another: those of the machine, of a branch, or of the items of a map."""

    states: dict[str, dict]
    start: str
    inner: bool

    def reachable(self, start: str, closed: frozenset[str] = frozenset()) -> set[str]:
        """The states that can follow from `start`, itself included, without entering the closed ones."""
        seen, open_states = set(), [start]
        while open_states:
            name = open_states.pop()
            if name not in seen and name not in closed and name in self.states:
                seen.add(name)
                open_states += [target for target, _ in ways_on(self.states[name])]
        return seen


@dataclass(frozen=True)
class Machine:
    path: Path
    text: str
    definition: dict
    substitutions: set[str]

    def scopes(self) -> list[Scope]:
        return list(_scopes(self.definition, inner=False))

    def states(self) -> Iterator[tuple[str, dict]]:
        for scope in self.scopes():
            yield from scope.states.items()

    def tasks(self) -> Iterator[tuple[str, dict]]:
        return ((name, state) for name, state in self.states() if state["Type"] == "Task")


def load(template: Path) -> list[Machine]:
    resources = yaml_parse(template.read_text())["Resources"].values()
    declared = [entry["Properties"] for entry in resources if entry["Type"] == "AWS::Serverless::StateMachine"]
    if not declared:
        raise SystemExit(f"{template} has no state machine")
    return [_read(template.parent / each["DefinitionUri"], each.get("DefinitionSubstitutions", {})) for each in declared]


def _read(path: Path, substitutions: dict) -> Machine:
    text = path.read_text()
    return Machine(path, text, json.loads(text), set(substitutions))


def _scopes(definition: dict, *, inner: bool) -> Iterator[Scope]:
    yield Scope(definition["States"], definition["StartAt"], inner)
    for state in definition["States"].values():
        for nested in nested_definitions(state):
            yield from _scopes(nested, inner=True)


def nested_definitions(state: dict) -> list[dict]:
    return state.get("Branches", []) + [state[key] for key in ("ItemProcessor", "Iterator") if key in state]


def ways_on(state: dict) -> list[tuple[str, dict]]:
    """Each state that can come next, with what is assigned on the way there."""
    assigned = state.get("Assign", {})
    ways = [(state["Next"], assigned)] if "Next" in state else []
    ways += [(state["Default"], assigned)] if "Default" in state else []
    # A rule's own Assign takes the place of the Choice's; a Catch forgets what the failed state would have assigned.
    return ways + [(way["Next"], way.get("Assign", {})) for key in ("Choices", "Catch") for way in state.get(key, [])]


def ends_well(state: dict) -> bool:
    """Whether an execution that ends in this state counts as succeeded."""
    return state["Type"] == "Succeed" or state.get("End") is True
