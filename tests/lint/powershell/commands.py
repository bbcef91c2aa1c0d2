"""It calls only what exists, by its whole name, nothing that runs text or has a secret as text, and answers in one place."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tree_sitter import Node

from lint.powershell.documents import Script
from lint.powershell.tree import all_nodes, line, nodes_below, text_of

TABLE = Path(__file__).with_name("commands.txt")
NEVER = {
    "invoke-expression": "runs text",
    "iex": "runs text",
    "add-type": "compiles text",
    "convertto-securestring": "has a password as text",
    "start-transcript": "keeps what is shown",
    "write-host": "writes beside the answer",
    "write-output": "writes beside the answer",
    "write-warning": "writes beside the answer",
    "write-information": "writes beside the answer",
    "echo": "writes beside the answer",
}
# Types and members that run text.
TEXT_RUNNERS = ("scriptblock", "powershell")
TEXT_RUNNING = ("invokescript", "invokecommand", "newscriptblock", "expandstring", "addscript")
ANSWER = "[Console]::Out."
OWN_PROGRAMS = '"$env:SystemRoot\\System32\\'


def check(script: Script) -> Iterator[str]:
    functions = {text_of(name).lower() for name in all_nodes(script.tree, "function_name")}
    for name in sorted(functions & {known.lower() for known in _known()}):
        yield f"its function {name} hides the cmdlet of that name"
    for command in all_nodes(script.tree, "command"):
        yield from (f"{line(command)}: {finding}" for finding in _command(command, functions))
    for literal in all_nodes(script.tree, "type_literal"):
        if text_of(literal).strip("[]").lower().rpartition(".")[2] in TEXT_RUNNERS:
            yield f"{line(literal)}: {text_of(literal)} runs text"
    for member in all_nodes(script.tree, "member_name"):
        if text_of(member).lower() in TEXT_RUNNING:
            yield f"{line(member)}: {text_of(member)} runs text"
    if (answers := script.text.count(ANSWER)) != 1:
        yield f"answers in {answers} places, not in one"


def _command(command: Node, functions: set[str]) -> Iterator[str]:
    name = command.child_by_field_name("command_name")
    called = text_of(name)
    if any(child.type == "command_invokation_operator" for child in command.children):
        if not called.startswith(OWN_PROGRAMS) or not called.endswith('.exe"'):
            yield f"{called} is called by what stands in it, and may be anything"
    elif called.lower() in NEVER:
        yield f"{called} {NEVER[called.lower()]}"
    elif called.lower() in functions:
        return
    elif called not in _known():
        yield f"{called} is no function of the script and not in {TABLE.name}"
    else:
        for parameter in _parameters(command):
            if parameter not in _known()[called]:
                yield f"{called} has no {parameter} in {TABLE.name}"


def _parameters(command: Node) -> Iterator[str]:
    """Its own ones, not those of commands that stand in its arguments."""
    elements = command.child_by_field_name("command_elements")
    for child in elements.children if elements else ():
        for parameter in nodes_below(child, "command_parameter") if child.type == "command_parameter" else ():
            yield text_of(parameter).rstrip(":")


@cache
def _known() -> dict[str, set[str]]:
    lines = [text.split() for text in TABLE.read_text().splitlines() if not text.startswith("#")]
    return {words[0]: set(words[1:]) for words in lines}
