"""How the demo fails when there is no way on. A check that does not hold is no error: the play goes on."""


class DemoError(Exception):
    """The text says what went wrong and where to look."""
