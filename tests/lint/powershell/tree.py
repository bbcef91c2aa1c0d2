"""PowerShell's grammar, as tree-sitter has it."""

from collections.abc import Iterator

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser, Tree

PARSER = Parser(Language(tree_sitter_powershell.language()))

# PowerShell takes each of these for the plain quote (about_Quoting_Rules); the grammar does not.
QUOTES = str.maketrans({**dict.fromkeys("\u2018\u2019\u201a\u201b", "'"), **dict.fromkeys("\u201c\u201d\u201e", '"')})


def parse(text: str) -> Tree:
    return PARSER.parse(text.translate(QUOTES).encode())


def text_of(node: Node) -> str:
    return node.text.decode()


def all_nodes(tree: Tree, *kinds: str) -> Iterator[Node]:
    return nodes_below(tree.root_node, *kinds)


def nodes_below(node: Node, *kinds: str) -> Iterator[Node]:
    """The node and those below it that are of these kinds, in the order of the text."""
    if node.type in kinds:
        yield node
    for child in node.children:
        yield from nodes_below(child, *kinds)


def above(node: Node, *kinds: str) -> Node | None:
    """The nearest node around it that is of these kinds."""
    while (node := node.parent) is not None:
        if node.type in kinds:
            return node
    return None


def line(node: Node) -> str:
    return f"line {node.start_point.row + 1}"
