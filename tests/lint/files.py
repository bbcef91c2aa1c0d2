"""The files of the project, by kind. Canaries are none of them."""

import subprocess
from functools import cache

from lint.paths import CANARIES, ROOT


@cache
def project_files() -> list[str]:
    """What git has or would take, relative to the root."""
    # The checkout may belong to somebody else than the one who runs this, as in a container.
    git = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(git, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    canaries = f"{CANARIES.relative_to(ROOT)}/"
    return sorted({name for name in listed if name and not name.startswith(canaries) and (ROOT / name).is_file()})


def with_suffix(*suffixes: str) -> list[str]:
    return [name for name in project_files() if name.endswith(suffixes)]


def shell_scripts() -> list[str]:
    """Known by their first line, whatever their names."""
    return [name for name in project_files() if _runs_in_a_shell(name)]


def _runs_in_a_shell(name: str) -> bool:
    with (ROOT / name).open("rb") as file:
        interpreter = file.readline(80).split()
    return bool(interpreter) and interpreter[0].startswith(b"#!") and interpreter[-1].endswith((b"/sh", b"bash", b"dash"))
