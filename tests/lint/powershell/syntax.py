"""It parses, and is plain: what is not ASCII would depend on how the agent writes the file."""

from collections.abc import Iterator

from tree_sitter import Node

from lint.powershell.documents import Script
from lint.powershell.tree import line, text_of

# A typing error in a name ends the run instead of standing for nothing, and an error ends it too.
FIRST = ("Set-StrictMode -Version 2.0", "$ErrorActionPreference = 'Stop'")


def check(script: Script) -> Iterator[str]:
    for node in _broken(script.tree.root_node):
        yield f"{line(node)}: does not parse: {text_of(node)[:60]!r}"
    for number, text in enumerate(script.text.split("\n"), 1):
        if not text.isascii() or not text.replace("\t", "!").isprintable():
            yield f"line {number}: has a character that is not plain ASCII"
    code = [text for text in script.text.split("\n") if text and not text.startswith("#")]
    for wanted, text in zip(FIRST, code, strict=False):
        if text != wanted:
            yield f"does not begin with {wanted}"


def _broken(node: Node) -> Iterator[Node]:
    if node.is_error or node.is_missing:
        yield node
    elif node.has_error:
        for child in node.children:
            yield from _broken(child)
