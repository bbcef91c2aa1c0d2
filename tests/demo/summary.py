"""The table at the end."""

import textwrap

from demo.story import Check, Story

HEAD = ("check", "expected", "seen", "ok", "seconds")


def show(story: Story, trouble: str) -> None:
    """Every check, and one line that says it all."""
    screen, failed = story.screen, story.failed()
    screen.blank()
    if story.checks:
        _table(story)
        screen.blank()
    total = f"{screen.elapsed():.1f} s"
    if trouble:
        last = next((entry.text for entry in reversed(story.entries) if entry.kind == "step"), "the start")
        screen.line(screen.style(f"STOPPED in “{last}”:", "red", "bold"), timed=False)
        screen.block(trouble)
    for check in failed:
        failure = f"FAILED: {check.name}: {check.seen}, but expected {check.expected}"
        screen.line(screen.style(failure, "red", "bold"), timed=False)
    if not failed and not trouble:
        screen.line(screen.style(f"All {len(story.checks)} checks held, in {total}.", "green", "bold"), timed=False)
    elif story.checks:
        held = len(story.checks) - len(failed)
        screen.line(f"{held} of {len(story.checks)} checks held, in {total}.", timed=False)


def _table(story: Story) -> None:
    screen = story.screen
    widths = _widths(story.checks, screen.width() - 9)
    screen.line(screen.style(_row(HEAD, widths), "dim"), timed=False)
    for check in story.checks:
        cells = [
            textwrap.wrap(text, width) or [""]
            for text, width in zip((check.name, check.expected, check.seen), widths, strict=False)
        ]
        for number in range(max(map(len, cells))):
            texts = [cell[number] if number < len(cell) else "" for cell in cells]
            end = (("yes" if check.ok else "NO"), f"{check.seconds:.1f}") if number == 0 else ("", "")
            row = _row((*texts, *end), widths)
            screen.line(row if check.ok else screen.style(row, "red"), timed=False)


def _row(cells: tuple, widths: list[int]) -> str:
    texts = [f"{cell:<{width}}" for cell, width in zip(cells[:3], widths, strict=True)]
    return "  ".join(texts) + f"  {cells[3]:<3}{cells[4]:>8}"


def _widths(checks: list[Check], room: int) -> list[int]:
    """As wide as needed; the long columns share what the terminal has."""
    columns = zip(*((check.name, check.expected, check.seen) for check in checks), strict=True)
    needed = [max(len(text) for text in (head, *texts)) for head, texts in zip(HEAD, columns, strict=False)]
    left = max(room - 17, 45)
    name = min(needed[0], left // 3)
    expected = min(needed[1], (left - name) // 2)
    return [name, expected, min(needed[2], left - name - expected)]
