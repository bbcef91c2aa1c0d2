"""Whatever its parameters take, a script keeps its shape: texts at random, and with what breaks out of quotes in them."""

import random
import re
from collections.abc import Iterator

from lint.powershell import pattern
from lint.powershell.documents import Script
from lint.powershell.tree import parse

CASES = 3000
HOSTILE = [
    *"'\"`#%\n\t\0\u2018\u2019\u201a\u201b\u201c\u201d\u2028\u0661 ",
    *("''", "\r\n", "$(calc)", "${x}", "';calc;'", "\u2019;calc;\u2019", "'\ncalc\n'", "'@", "@'", "<#", "#>"),
    *("|calc", ";calc", "&calc", "--%", "{{ Secret }}", "}}", "  "),
]
# If the part before it keeps its shape, so does the rest, which is the same text: no quote or comment is open there.
END = "\n$end = 'x' + \"y\" # z\n"


def check(script: Script) -> Iterator[str]:
    if script.tree.root_node.has_error:
        return
    chance = random.Random(4711)
    text = _part_with_parameters(script)
    patterns = {name: declared["allowedPattern"] for name, declared in script.parameters.items() if "allowedPattern" in declared}
    for _ in range(CASES):
        values = {name: _value(allowed, chance) for name, allowed in patterns.items()}
        if _shape(_filled(text, values)) != _shape(text):
            alone = [name for name, value in values.items() if _shape(_filled(text, {name: value})) != _shape(text)]
            yield f"means something else with {', '.join(f'{name} = {values[name]!r}' for name in alone)}"
            return


def _part_with_parameters(script: Script) -> str:
    """From the top to the last statement that has one."""
    statements = [each for part in script.tree.root_node.children if part.type == "statement_list" for each in part.children]
    last = max((each.end_byte for each in statements if b"{{" in each.text), default=0)
    return script.text.encode()[:last].decode() + END


def _shape(text: str) -> str:
    return str(parse(text).root_node)


def _value(allowed: str, chance: random.Random) -> str:
    """What fits, if the pattern lets it with something hostile in it; SSM may overlook a last line end, as `search` does."""
    plain = pattern.sample(allowed, chance)
    at = chance.randint(0, len(plain))
    spoilt = plain[:at] + chance.choice(HOSTILE) + plain[at:]
    return next(text for text in (spoilt, plain, "") if re.search(allowed, text) or text == "")


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{{ {name} }}}}", value)
    return text
