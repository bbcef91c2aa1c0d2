"""SSM puts parameters into a script as text: each stands alone between single quotes, and takes nothing that could end them."""

import re
import string
from collections.abc import Iterator

from lint.powershell import pattern
from lint.powershell.documents import Script
from lint.powershell.tree import all_nodes, text_of

USE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
# No quote of any kind, no line end, nothing that SSM or PowerShell gives a meaning to.
HARMLESS = set(string.ascii_letters + string.digits + " ,.:=_+/@-")


def check(script: Script) -> Iterator[str]:
    literals = [text_of(node) for node in all_nodes(script.tree, "verbatim_string_characters")]
    used = USE.findall(script.text)
    for name in sorted(set(used)):
        if name not in script.parameters:
            yield f"{{{{ {name} }}}} is no parameter"
        if used.count(name) != literals.count(f"'{{{{ {name} }}}}'"):
            yield f"{{{{ {name} }}}} does not stand alone between single quotes"
    for name in script.parameters.keys() - set(used):
        yield f"{name}: is not used"
    for name, declared in script.parameters.items():
        yield from (f"{name}: {finding}" for finding in _declaration(declared))


def _declaration(declared: dict) -> Iterator[str]:
    allowed = declared.get("allowedPattern")
    if allowed is None:
        yield "has no allowedPattern"
        return
    if not allowed.startswith("^") or not allowed.endswith("$"):
        yield "has a pattern that is not anchored"
    if harmful := sorted(pattern.characters(allowed) - HARMLESS):
        yield f"takes {', '.join(repr(each) for each in harmful[:8])}"
    if "default" in declared and not re.fullmatch(allowed, declared["default"]):
        yield "has a default that it does not take"
