"""The command line: every module in `commands/` adds its own subcommands."""

import argparse
import importlib
import json
import os
import pkgutil
import re
import sys
from typing import NoReturn

from lab import commands
from lab.errors import LabError, UsageError


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the arguments."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def parser() -> argparse.ArgumentParser:
    """Each module's `register(subparsers)` sets `run`: a function of the parsed arguments that returns the exit code."""
    top = Parser(prog="scripts/lab", description="A local AWS with a real Active Directory.")
    subparsers = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module in sorted(found.name for found in pkgutil.iter_modules(commands.__path__)):
        importlib.import_module(f"{commands.__name__}.{module}").register(subparsers)
    return top


def parse(argv: list[str]) -> argparse.Namespace:
    """Options stand before `--`; what follows it is the command to run, for the commands that set `takes_command`."""
    split = argv.index("--") if "--" in argv else len(argv)
    top = parser()
    arguments = top.parse_args(argv[:split])
    arguments.argv = argv[split + 1:]
    if bool(arguments.argv) != getattr(arguments, "takes_command", False):
        top.error("this needs a command after --" if not arguments.argv else "this takes no command after --")
    return arguments


def main(argv: list[str]) -> int:
    """Exit 0: done. 1: failed. 2: wrong usage. `exec` and `instance exec` pass on what their command ended with."""
    arguments = parse(argv)
    try:
        code = arguments.run(arguments) or 0
        sys.stdout.flush()
        return code
    except UsageError as error:
        print(f"scripts/lab: {error}", file=sys.stderr)
        return 2
    except LabError as error:
        print(f"scripts/lab: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read our results has seen enough, such as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("scripts/lab: interrupted", file=sys.stderr)
        return 130


def account(text: str) -> str:
    """An option's value: the id of an AWS account."""
    if not re.fullmatch(r"[0-9]{12}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an account id (12 digits)")
    return text


def region(text: str) -> str:
    """An option's value: the name of an AWS Region."""
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-[0-9]", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a Region (such as eu-west-1)")
    return text


def print_json(value: object) -> None:
    """Print a result for people and for `jq` alike."""
    print(json.dumps(value, indent=2, sort_keys=True))
