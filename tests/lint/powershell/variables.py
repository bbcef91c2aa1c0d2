"""What is read was set, and a function sets its own variables, or the script's by that name: case does not tell them apart."""

from collections.abc import Iterator

from tree_sitter import Node

from lint.powershell.documents import Script
from lint.powershell.tree import above, all_nodes, line, nodes_below, text_of

AUTOMATIC = {"_", "null", "true", "false", "lastexitcode"}
# What PowerShell sets itself (about_Automatic_Variables).
TAKEN = AUTOMATIC | set(
    "args consolefilename error event eventargs eventsubscriber executioncontext foreach home host input lastexitcode matches"
    " myinvocation nestedpromptlevel pid profile psboundparameters pscmdlet pscommandpath psculture psdebugcontext pshome psitem"
    " psscriptroot pssenderinfo psuiculture psversiontable pwd sender shellid stacktrace switch this".split()
)
SETTINGS = {"erroractionpreference", "warningpreference", "progresspreference"}
SCRIPT = "script:"


def check(script: Script) -> Iterator[str]:
    functions = list(all_nodes(script.tree, "function_statement"))
    outside = [node for node in all_nodes(script.tree, "variable") if above(node, "function_statement") is None]
    shared = _set_by(outside) | SETTINGS
    everywhere = _set_by(list(all_nodes(script.tree, "variable")))
    yield from (f"sets ${name}, which is PowerShell's own" for name in sorted(everywhere & TAKEN))
    yield from _reads(outside, shared)
    for function in functions:
        variables = list(nodes_below(function, "variable"))
        name = text_of(next(nodes_below(function, "function_name")))
        taken = {_name(node) for node in variables if above(node, "script_parameter", "function_parameter_declaration")}
        yield from (f"{name}: has ${other}, as the script has" for other in sorted(taken & shared))
        own = _set_by(variables)
        yield from (f"{name}: sets ${other} for itself, which is the script's" for other in sorted((own - taken) & shared))
        yield from (f"{name}: {finding}" for finding in _reads(variables, own | taken | shared))


def _reads(variables: list[Node], known: set[str]) -> Iterator[str]:
    for node in variables:
        name = _name(node)
        if name not in known | AUTOMATIC and not name.startswith("env:"):
            yield f"{line(node)}: ${name} is never set"


def _set_by(variables: list[Node]) -> set[str]:
    return {_name(node) for node in variables if _is_set(node)}


def _is_set(node: Node) -> bool:
    around = above(node, "left_assignment_expression", "statement_block", "script_block", "member_access", "element_access")
    if around is not None and around.type == "left_assignment_expression":
        return not text_of(node).lower().startswith(f"${SCRIPT}") or above(node, "function_statement") is None
    return node.parent.type == "foreach_statement"


def _name(node: Node) -> str:
    return text_of(node).lower().lstrip("$@").strip("{}").removeprefix(SCRIPT)
