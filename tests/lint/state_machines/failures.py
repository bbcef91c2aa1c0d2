"""No Catch hides: after a failure people are told, and the execution fails."""

from collections.abc import Iterator
from dataclasses import replace

from lint.state_machines.machine import Machine, Scope, ends_well, nested_definitions

# A Choice that a kept failure does not pass.
NO_FAILURE = "{% $failure = null %}"

# A branch may keep its failure as its result, so that the others go on: a Choice that a failed result does not pass.
FAILED = "failed"
RESULTS = "{% $states.result %}"
NO_FAILED_RESULT = "{% $count($results[state = 'failed']) = 0 %}"

# To wait in vain for an answer is an answer.
NO_ANSWER = {"States.Timeout", "States.HeartbeatTimeout"}


def check(machine: Machine) -> Iterator[str]:
    for scope in machine.scopes():
        told = _states_after_telling(scope)
        for name, state in scope.states.items():
            for catch in state.get("Catch", []):
                if not _is_an_answer(state, catch):
                    way = _after_failure(scope) if "failure" in catch.get("Assign", {}) else scope
                    # A branch only fails: the state around it tells.
                    yield from _way_of_failure(way, name, catch["Next"], must_tell=not scope.inner and name not in told)
            yield from _kept_failures(scope, name, state)


def _is_an_answer(state: dict, catch: dict) -> bool:
    return state.get("Resource", "").endswith(".waitForTaskToken") and set(catch["ErrorEquals"]) <= NO_ANSWER


def _kept_failures(scope: Scope, name: str, state: dict) -> Iterator[str]:
    """What a branch has kept fails the execution in the end, after everything else was done."""
    branches = [branch["States"].values() for branch in nested_definitions(state)]
    if not any(_keeps(inner) for branch in branches for inner in branch):
        return
    if state.get("Assign", {}).get("results") != RESULTS:
        yield f"{name}: keeps failures, but not in $results"
    if ends_well(state):
        yield f"{name}: a failure that was kept can end well, at once"
        return
    way = _without(scope, NO_FAILED_RESULT)
    for end in sorted(way.reachable(state["Next"])):
        if ends_well(way.states[end]):
            yield f"{name}: a failure that was kept can end well, in {end}"


def _keeps(state: dict) -> bool:
    output = state.get("Output")
    return ends_well(state) and isinstance(output, dict) and output.get("state") == FAILED


def _after_failure(scope: Scope) -> Scope:
    """Without the ways that are open only while no failure is kept in $failure: what was done already is told first."""
    return _without(scope, NO_FAILURE)


def _without(scope: Scope, condition: str) -> Scope:
    def left(state: dict) -> dict:
        if "Choices" not in state:
            return state
        return state | {"Choices": [way for way in state["Choices"] if way.get("Condition") != condition]}

    states = {name: left(state) for name, state in scope.states.items()}
    return replace(scope, states=states)


def _way_of_failure(scope: Scope, name: str, target: str, *, must_tell: bool) -> Iterator[str]:
    for end in sorted(scope.reachable(target)):
        if ends_well(scope.states[end]) and not (scope.inner and _keeps(scope.states[end])):
            yield f"{name}: a failure can end well, in {end}"
    if must_tell:
        for end in sorted(scope.reachable(target, closed=_tellers(scope))):
            if scope.states[end]["Type"] == "Fail":
                yield f"{name}: a failure can end in {end} without anybody told"


def _tellers(scope: Scope) -> frozenset[str]:
    """Straight to the topic: a function that tells may be what has failed."""
    return frozenset(name for name, state in scope.states.items() if state.get("Resource") == "arn:aws:states:::sns:publish")


def _states_after_telling(scope: Scope) -> set[str]:
    """The tellers, and what is only reached through one of them."""
    return scope.states.keys() - scope.reachable(scope.start, closed=_tellers(scope))
