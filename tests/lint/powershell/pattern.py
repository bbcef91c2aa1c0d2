"""What a pattern takes: its characters, and texts at random."""

import random
from functools import cache

# The one reader of regular expressions that is at hand: it has no public name.
from re import _constants as kind
from re import _parser
# Stands for the many characters of a wide class, among them each that could do harm.
TELLING = [chr(code) for code in range(128)] + list("\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u2028\u0660")
MANY = 24


def characters(pattern: str) -> set[str]:
    """Each character that a text which fits can have; of a wide class those that tell."""
    return {character for item in _read(pattern) for character in _of(item)}


@cache
def _read(pattern: str) -> list[tuple]:
    return list(_parser.parse(pattern))


def _of(item: tuple) -> set[str]:
    operator, argument = item
    if operator is kind.LITERAL:
        return {chr(argument)}
    if operator is kind.IN:
        return set(_of_class(tuple(argument)))
    if operator is kind.AT:
        return set()
    if operator is kind.BRANCH:
        return {character for way in argument[1] for each in way for character in _of(each)}
    if operator is kind.SUBPATTERN:
        return {character for each in argument[3] for character in _of(each)}
    if operator in (kind.MAX_REPEAT, kind.MIN_REPEAT):
        return {character for each in argument[2] for character in _of(each)}
    # Anything else may be anything.
    return set(TELLING)


@cache
def _of_class(members: tuple[tuple, ...]) -> list[str]:
    named = {chr(argument) for operator, argument in members if operator is kind.LITERAL}
    return sorted(character for character in {*TELLING, *named} if _in_class(ord(character), members))


def _in_class(code: int, members: tuple[tuple, ...]) -> bool:
    negated, found = False, False
    for operator, argument in members:
        if operator is kind.NEGATE:
            negated = True
        elif operator is kind.LITERAL:
            found |= code == argument
        elif operator is kind.RANGE:
            found |= argument[0] <= code <= argument[1]
        else:
            found = True
    return found != negated


def sample(pattern: str, chance: random.Random) -> str:
    """A text that fits."""
    return "".join(_text(item, chance) for item in _read(pattern))


def _text(item: tuple, chance: random.Random) -> str:
    operator, argument = item
    if operator is kind.AT:
        return ""
    if operator is kind.BRANCH:
        return "".join(_text(each, chance) for each in chance.choice(argument[1]))
    if operator is kind.SUBPATTERN:
        return "".join(_text(each, chance) for each in argument[3])
    if operator in (kind.MAX_REPEAT, kind.MIN_REPEAT):
        least, most, items = argument
        times = chance.randint(least, min(most, least + MANY))
        if len(items) == 1 and items[0][0] is kind.IN:
            return "".join(chance.choices(_of_class(tuple(items[0][1])), k=times))
        return "".join(_text(each, chance) for _ in range(times) for each in items)
    if operator is kind.IN:
        return chance.choice(_of_class(tuple(argument)))
    return chance.choice(sorted(_of(item)))
