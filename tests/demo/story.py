"""The story as it is told: to the terminal at once, and kept for the summary and the report."""

import time
from dataclasses import dataclass, field

from demo.execution import State
from demo.screen import Screen


@dataclass
class Entry:
    """One thing that was told. `kind`: step, say, fact, quote, state, check."""

    kind: str
    at: float
    text: str
    label: str = ""
    ok: bool = True


@dataclass
class Check:
    step: int
    name: str
    expected: str
    seen: str
    ok: bool
    seconds: float


@dataclass
class Story:
    screen: Screen
    entries: list[Entry] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    steps: int = 0
    _since: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        self._since = self.screen.began

    def step(self, title: str) -> None:
        self.steps += 1
        self._keep("step", title, str(self.steps))
        self.screen.blank()
        self.screen.line(self.screen.style(f"{self.steps}. {title}", "bold", "cyan"))

    def say(self, text: str) -> None:
        self._keep("say", text)
        self.screen.wrapped(text)

    def fact(self, label: str, value: str) -> None:
        self._keep("fact", value, label)
        self.screen.wrapped(value, f"{label:<18} ")

    def quote(self, text: str, label: str) -> None:
        """Words of somebody else, whole."""
        self._keep("quote", text, label)
        self.screen.line(self.screen.style(label, "dim"))
        self.screen.block(text)

    def mail(self, mail: dict) -> None:
        words = f"To:      {mail['to']}\nSubject: {mail['subject']}\n\n{mail['body']}"
        self.quote(words, f"a mail, received {mail['time'][11:19]} UTC")

    def state(self, state: State) -> None:
        """A state of an execution that is left. Choices take no time worth telling."""
        if state.kind in ("Choice", "Succeed"):
            return
        self._keep("state", state.words, f"{state.name}, {state.seconds:.1f} s")
        self.screen.line(f"{state.name:<28} {self.screen.style(f'{state.seconds:5.1f} s', 'dim')}  {state.words}")

    def check(self, name: str, expected: str, seen: str, ok: bool | None = None) -> bool:
        """Hold what was seen to what is expected. Its seconds are those since the check before it."""
        ok = expected == seen if ok is None else ok
        now = time.time()
        self.checks.append(Check(self.steps, name, expected, seen, ok, now - self._since))
        self._since = now
        self._keep("check", f"{name}: {seen}" + ("" if ok else f", but expected {expected}"), ok=ok)
        mark = self.screen.style("✓", "green", "bold") if ok else self.screen.style("✗", "red", "bold")
        self.screen.line(f"{mark} {name}: {self.screen.style(seen, 'bold')}")
        if not ok:
            self.screen.line(self.screen.style(f"  expected: {expected}", "red"), timed=False)
        return ok

    def failed(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]

    def _keep(self, kind: str, text: str, label: str = "", ok: bool = True) -> None:
        self.entries.append(Entry(kind, self.screen.elapsed(), text, label, ok))
