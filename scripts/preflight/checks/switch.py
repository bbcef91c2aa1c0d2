"""Whether the stack may act now: its mode and its kill switch."""

from preflight.account import ApiError
from preflight.check import Check
from preflight.result import notice, ok, problem, warning

# What the responder takes for a clear no; any other value stops it.
OFF = ("off", "false", "no", "0")


def _mode(subject):
    mode = subject.stack.setting("MODE", "Mode")
    if mode == "observe":
        yield notice("mode observe: it decides, records and tells, and disables nobody", subject.deploy(Mode="enforce"))
    else:
        yield ok(f"mode {mode}")


def _kill_switch(subject):
    name = subject.stack.outputs.get("KillSwitchParameterName", f"/{subject.stack.name}/kill-switch")
    release = subject.aws("ssm", "put-parameter", "--overwrite", "--type", "String", "--name", name, "--value", "off")
    try:
        value = subject.account.call("ssm", "get_parameter", Name=name)["Parameter"]["Value"]
    except ApiError as error:
        if error.code != "ParameterNotFound":
            raise
        yield problem(f"the kill switch {name} is gone: the responder disables nobody without it", release)
        return
    if value.strip().lower() in OFF:
        yield ok("the kill switch is off")
    else:
        yield warning(f"the kill switch is on ({value[:20]!r}): nobody is disabled", release)


CHECKS = (
    Check("mode", _mode, ("lambda:GetFunctionConfiguration",)),
    Check("kill switch", _kill_switch, ("ssm:GetParameter",)),
)
