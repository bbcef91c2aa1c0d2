"""A variable is assigned on every way that leads to its use: Step Functions finds out only at run time."""

import re
from collections.abc import Iterator

from lint.state_machines.machine import Machine, nested_definitions, ways_on

EXPRESSION = re.compile(r"\{%(.*?)%\}", re.DOTALL)
LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
NAME = re.compile(r"\$([A-Za-z_]\w*)(\s*\()?")
BOUND = re.compile(r"\$([A-Za-z_]\w*)\s*:=")
PARAMETERS = re.compile(r"function\s*\(([^)]*)\)")
# JSONata 2 without $eval, which Step Functions does not have, and what Step Functions adds.
FUNCTIONS = set(
    "abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl decodeUrlComponent distinct"
    " each encodeUrl encodeUrlComponent error exists filter floor formatBase formatInteger formatNumber fromMillis join keys"
    " length lookup lowercase map match max merge millis min not now number pad parseInteger power random reduce replace reverse"
    " round shuffle sift single sort split spread sqrt string substring substringAfter substringBefore sum toMillis trim type"
    " uppercase zip hash parse partition range uuid".split()
)


def check(machine: Machine) -> Iterator[str]:
    yield from _definition(machine.definition, frozenset())


def _definition(definition: dict, before: frozenset[str]) -> Iterator[str]:
    states = definition["States"]
    known = _known_at_entry(states, definition["StartAt"], before)
    for name, state in states.items():
        if name in known:
            yield from (f"{name}: {found}" for found in _state(state, known[name]))
            for nested in nested_definitions(state):
                yield from _definition(nested, known[name])


def _known_at_entry(states: dict, start: str, before: frozenset[str]) -> dict[str, frozenset[str]]:
    """What is assigned whichever way a state is entered."""
    known, changed = {start: before}, [start]
    while changed:
        name = changed.pop()
        for target, assigned in ways_on(states[name]):
            here = known[name] | assigned.keys()
            merged = known[target] & here if target in known else here
            if target in states and known.get(target) != merged:
                known[target] = merged
                changed.append(target)
    return known


def _state(state: dict, known: frozenset[str]) -> Iterator[str]:
    own = {key: value for key, value in state.items() if key not in ("Branches", "ItemProcessor", "Iterator")}
    for text in _expressions(own):
        text = COMMENT.sub("", LITERAL.sub("''", text))
        local = set(BOUND.findall(text)) | {name.strip(" $") for part in PARAMETERS.findall(text) for name in part.split(",")}
        for name, called in NAME.findall(text):
            if called and name not in FUNCTIONS | local | known:
                yield f"calls ${name}, which is no function of JSONata in Step Functions"
            if not called and name not in known | local | {"states"} | FUNCTIONS:
                yield f"uses ${name}, which is not assigned on every way here"


def _expressions(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _expressions(item)
    elif isinstance(value, list):
        for item in value:
            yield from _expressions(item)
    elif isinstance(value, str):
        yield from EXPRESSION.findall(value)
