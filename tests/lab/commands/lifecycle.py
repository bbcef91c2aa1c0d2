"""up, down, reset, status, env, exec."""

import argparse
import fcntl
import json
import os
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from lab import aws_service, bootstrap, environment, instances, namespaces, paths, state
from lab.cli import print_json
from lab.errors import LabError, UsageError, not_running
from lab.launcher import Launch
from lab.progress import say

DOWN_SECONDS = 10


def register(subparsers: argparse._SubParsersAction) -> None:
    up = subparsers.add_parser("up", help="start the lab and deploy the template; safe to repeat")
    up.add_argument("--no-deploy", action="store_true", help="do not deploy the template")
    up.add_argument("--set", action="append", default=[], metavar="Parameter=Value", dest="parameters",
                    help="a template parameter of this deployment instead of the lab's value (repeatable)")
    up.set_defaults(run=run_up)
    for name, run, text in (
        ("down", run_down, "end everything that the lab started"),
        ("reset", run_reset, "fresh data in the same lab: directory, AWS, instances, records"),
        ("status", run_status, "what runs, as JSON"),
        ("env", run_env, "`export` lines with the lab's live values"),
    ):
        subparsers.add_parser(name, help=text).set_defaults(run=run)
    execute = subparsers.add_parser("exec", usage="%(prog)s -- CMD",
                                    help="run a command in the lab's network with the lab's variables")
    execute.set_defaults(run=run_exec, takes_command=True)


def run_up(arguments: argparse.Namespace) -> int:
    parameters = _parameters(arguments.parameters)
    if parameters and arguments.no_deploy:
        raise UsageError("--set is for the deployment, which --no-deploy leaves out")
    if parameters:
        from lab import deploy  # pulls in the AWS libraries, which the other commands do without

        deploy.check_names(parameters)
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell's `&` has SIGINT ignored
        signal.signal(number, signal.default_int_handler)
    with _alone():
        if state.supervisor_pid() is not None:
            say("the lab is running")
            _deploy(arguments, parameters)
        else:
            _launch(arguments, parameters)
    say(f"the lab is up: {state.load()['endpoint']}")
    return 0


def _launch(arguments: argparse.Namespace, parameters: dict[str, str]) -> None:
    _install_packages()
    subprocess.run(namespaces.as_root(["rm", "-rf", str(paths.RUN)]), check=True)
    with Launch() as launch:
        launch.wait_until_ready()
        _deploy(arguments, parameters)
        launch.release()


def run_down(_arguments: argparse.Namespace) -> int:
    if not _end():
        with _alone():  # an `up` that has not come far enough to be asked: let it finish first
            if not _end():
                say("the lab was not running")
    return 0


def run_reset(_arguments: argparse.Namespace) -> int:
    with _alone():
        say("restoring the directory")
        state.ask("restore")
        if aws_service.present():
            say("clearing AWS")
            aws_service.admin("reset")
        last = _last_deployment()
        if last is not None:
            _deploy_with(last)
    say("the lab is as new")
    return 0


def run_status(_arguments: argparse.Namespace) -> int:
    if state.supervisor_pid() is None:
        print_json({"running": False})
        return 0
    running = state.load()
    public = ("endpoint", "account_id", "region", "directory_id", "stack_name")
    print_json({
        "running": True,
        "deployed": _last_deployment() is not None,
        "instances": len([i for i in instances.list_all() if i["state"] == "running"]),
        **{name: running[name] for name in public},
        **state.ask("status"),
    })
    return 0


def run_env(_arguments: argparse.Namespace) -> int:
    if state.supervisor_pid() is None:
        raise not_running()
    print(environment.exports(), end="")
    return 0


def run_exec(arguments: argparse.Namespace) -> int:
    entry = namespaces.enter("lab.inside", [os.getcwd(), str(os.getuid()), str(os.getgid()), *arguments.argv])
    os.execvp(entry[0], entry)


def _install_packages() -> None:
    try:
        bootstrap.install_packages()
    except bootstrap.BootstrapError as error:
        raise LabError(str(error)) from None


def _parameters(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if not pair.partition("=")[1] or pair.startswith("="):
            raise UsageError(f"--set takes Parameter=Value, not {pair!r}")
    return dict(pair.split("=", 1) for pair in pairs)


def _deploy(arguments: argparse.Namespace, parameters: dict[str, str]) -> None:
    if not arguments.no_deploy:
        _deploy_with(parameters)


def _deploy_with(parameters: dict[str, str]) -> None:
    from lab import deploy  # pulls in the AWS libraries, which the other commands do without

    say("deploying the template")
    deploy.deploy(parameters)
    state.write_private(paths.DEPLOYMENT, json.dumps(parameters))


def _last_deployment() -> dict[str, str] | None:
    """The parameters of this lab's deployment; None when it has none."""
    return json.loads(paths.DEPLOYMENT.read_text()) if paths.DEPLOYMENT.exists() else None


@contextmanager
def _alone():
    """Only one `up`, `reset` or late `down` at a time in a checkout. The kernel drops the lock of a dead process."""
    with open(paths.LAB / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another scripts/lab command to finish")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _end() -> bool:
    """End the running lab and wait until the kernel has ended all its processes; False when none runs."""
    supervisor = state.supervisor_pid()
    if supervisor is None:
        return False
    outermost = _parent(_parent(supervisor))
    try:
        state.ask("down", seconds=DOWN_SECONDS)
    except LabError:
        say("the supervisor does not answer; killing it")
        subprocess.run(namespaces.as_root(["kill", "-KILL", str(supervisor)]), check=False)
    deadline = time.monotonic() + DOWN_SECONDS
    while Path(f"/proc/{outermost}").exists():
        if time.monotonic() > deadline:
            raise LabError(f"the lab's process {outermost} does not end; kill it")
        time.sleep(0.02)
    say("the lab is down")
    return True


def _parent(pid: int) -> int:
    """The parent's process id; /proc/PID/stat names it second after the parenthesised command."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
