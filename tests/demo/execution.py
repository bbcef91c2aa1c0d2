"""Executions of state machines: which there are, and their states with durations."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from demo.aws import Aws
from demo.errors import DemoError
from demo.wait import PATIENCE_SECONDS, PAUSE_SECONDS, eventually


@dataclass
class State:
    """One visit of a state. `output` is what it handed on."""

    name: str
    kind: str
    began: datetime
    ended: datetime | None = None
    output: object = None

    @property
    def seconds(self) -> float:
        return (self.ended - self.began).total_seconds() if self.ended else 0.0

    @property
    def words(self) -> str:
        """What came out of it, in the function's words."""
        if self.kind == "Wait":
            return "waited"
        if isinstance(self.output, list):
            return ", ".join(f"{result['service']} {result['state']}" for result in self.output)
        output = self.output if isinstance(self.output, dict) else {}
        return ", ".join(str(output[key]) for key in ("outcome", "reason") if key in output)


@dataclass
class Execution:
    arn: str
    status: str = "RUNNING"
    states: list[State] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.arn.rsplit(":", 1)[1]

    @property
    def seconds(self) -> float:
        ended = [state.ended for state in self.states if state.ended]
        return (max(ended) - self.states[0].began).total_seconds() if ended else 0.0

    def output_of(self, state: str) -> dict:
        """What the last visit of a state handed on."""
        visits = [visit for visit in self.states if visit.name == state and isinstance(visit.output, dict)]
        if not visits:
            raise DemoError(f"the execution {self.arn} ended {self.status} without passing {state!r}")
        return visits[-1].output

    @property
    def outcome(self) -> str:
        """What came out in the end."""
        return (self.states[-1].words if self.states else "") or self.status


class Executions:
    """The executions of one state machine."""

    def __init__(self, aws: Aws, machine: str) -> None:
        self.states, self.machine = aws.client("stepfunctions"), machine
        self.known = self._arns()
        self._users: dict[str, str] = {}

    def of(self, user: str) -> list[str]:
        """Every execution for a user, by its input; the oldest first."""
        return [arn for arn in reversed(self._arns()) if self._user(arn) == user]

    def next_for(self, user: str) -> str:
        """Wait until one has started for a user that was not known before."""

        def look() -> str | None:
            return next((arn for arn in self.of(user) if arn not in self.known), None)

        arn = eventually(f"an execution of {self.machine.rsplit(':', 1)[1]} for {user}", look)
        self.known.append(arn)
        return arn

    def all_ended(self, user: str) -> None:
        """Wait for one for a user that was not known before, and then for the end of each: two events may tell the same."""
        self.next_for(user)
        for arn in self.of(user):
            self.follow(arn)

    def new(self, count: int) -> list[str]:
        """Wait until this many executions have started that were not known before."""

        def look() -> list[str] | None:
            started = set(self._arns()) - set(self.known)
            return sorted(started) if len(started) >= count else None

        started = eventually(f"{count} executions of {self.machine.rsplit(':', 1)[1]}", look)
        self.known += started
        return started

    def follow(
        self, arn: str, on_state: Callable[[State], None] = lambda _state: None, until: str | None = None
    ) -> Execution:
        """Stay with an execution until it ends or comes to a state; tell of each state that is left."""
        told = 0
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            execution = self.look(arn)
            left = [state for state in execution.states if state.ended]
            for state in left[told:]:
                on_state(state)
            told = len(left)
            if execution.status != "RUNNING" or (until is not None and execution.states[-1].name == until):
                return execution
            if time.monotonic() > deadline:
                raise DemoError(f"the execution {arn} still runs after {PATIENCE_SECONDS} s")
            time.sleep(PAUSE_SECONDS)

    def look(self, arn: str) -> Execution:
        """How it stands."""
        status = self.states.describe_execution(executionArn=arn)["status"]
        return Execution(arn, status, self._history(arn))

    def _arns(self) -> list[str]:
        """The youngest first, as the API lists them."""
        pages = self.states.get_paginator("list_executions").paginate(stateMachineArn=self.machine)
        return [execution["executionArn"] for page in pages for execution in page["executions"]]

    def _user(self, arn: str) -> str:
        """For whom an execution is: its input never changes."""
        if arn not in self._users:
            self._users[arn] = json.loads(self.states.describe_execution(executionArn=arn)["input"]).get("user", "")
        return self._users[arn]

    def _history(self, arn: str) -> list[State]:
        """States in the order of their visits; what runs side by side within a Map counts as that Map."""
        visits: list[State] = []
        pages = self.states.get_paginator("get_execution_history").paginate(executionArn=arn)
        for event in (event for page in pages for event in page["events"]):
            within = bool(visits) and visits[-1].kind == "Map" and visits[-1].ended is None
            if (entered := event.get("stateEnteredEventDetails")) and not within:
                kind = event["type"].removesuffix("StateEntered")
                visits.append(State(entered["name"], kind, event["timestamp"]))
            elif (left := event.get("stateExitedEventDetails")) and visits and left["name"] == visits[-1].name:
                visits[-1].ended = event["timestamp"]
                visits[-1].output = json.loads(left.get("output") or "null")
        return visits
