"""Systems Manager Run Command: commands really run on the lab's instances, as root, like the SSM agent does.

Sources: Systems Manager API Reference (SendCommand, GetCommandInvocation), User Guide
"Understanding command statuses" and "Monitoring Systems Manager events with EventBridge"; botocore model `ssm`.
Parameter Store is ministack's own.
"""

import datetime
import subprocess
import threading
import time
import uuid

from lab import instances
from lab.aws import eventbridge
from lab.aws.modelled import ApiError, Service
from lab.aws.services import ec2, ssm_documents, ssm_inventory, tools_host

# GetCommandInvocation does not know a command for a moment after SendCommand.
INVISIBLE_SECONDS = 0.2
STDOUT_LIMIT, STDERR_LIMIT = 24_000, 8_000
TERMINAL = ("Success", "Failed", "Cancelled", "TimedOut")

# command id -> {"command": the API's Command, "account", "region", "sent", "invocations": {instance id: invocation}}
COMMANDS = {}


def _send_command(call):
    ids = _targets(call)
    if len(set(ids)) != len(ids):
        raise ApiError("DuplicateInstanceId", "You can't specify an instance ID in more than one association.")
    unreachable = [name for name in ids if not ec2.agent_answers(name, call.account, call.region)]
    if unreachable or not ids:
        names = ", ".join(unreachable)
        raise ApiError("InvalidInstanceId", f"Instances [[{names}]] not in a valid state for account {call.account}")
    steps = ssm_documents.steps(call)
    record = _record(call, ids)
    COMMANDS[record["command"]["CommandId"]] = record
    for name in ids:
        threading.Thread(target=_run, args=(record, name, steps), daemon=True).start()
    return {"Command": dict(record["command"])}


def _targets(call):
    """InstanceIds, or Targets by `InstanceIds` or `tag:K`."""
    ids = list(call.parameters.get("InstanceIds", []))
    for target in call.parameters.get("Targets", []):
        key, values = target.get("Key", ""), target.get("Values", [])
        if key.lower() == "instanceids":
            ids += values
        elif key.startswith("tag:"):
            ids += [i["id"] for i in ec2.visible(call.account, call.region) if i["tags"].get(key[4:]) in values]
    return ids


def _record(call, ids):
    now, timeout = datetime.datetime.now(datetime.UTC), call.parameters.get("TimeoutSeconds", 3600)
    command = {
        "CommandId": str(uuid.uuid4()),
        "DocumentName": call.parameters["DocumentName"].rpartition("/")[2],
        "DocumentVersion": call.parameters.get("DocumentVersion", "$DEFAULT"),
        "Comment": call.parameters.get("Comment", ""),
        "ExpiresAfter": now + datetime.timedelta(seconds=timeout),
        "Parameters": call.parameters.get("Parameters", {}),
        "InstanceIds": ids,
        "RequestedDateTime": now,
        "Status": "Pending",
        "StatusDetails": "Pending",
        "TargetCount": len(ids),
        "CompletedCount": 0,
        "ErrorCount": 0,
        "TimeoutSeconds": timeout,
    }
    invocations = {name: {"Status": "Pending", "StatusDetails": "Pending", "ResponseCode": -1} for name in ids}
    return {
        "command": command,
        "account": call.account,
        "region": call.region,
        "sent": time.time(),
        "invocations": invocations,
    }


def _run(record, instance_id, steps):
    """Deliver one invocation: the steps one after the other until one does not succeed."""
    invocation = record["invocations"][instance_id]
    time.sleep(INVISIBLE_SECONDS)
    if not ec2.agent_answers(instance_id, record["account"], record["region"]):
        _finish(record, instance_id, "Failed", "Undeliverable")
        return
    if invocation["Status"] == "Cancelled":
        return
    started = datetime.datetime.now(datetime.UTC)
    invocation.update(ExecutionStartDateTime=_iso(started))
    _change(record, instance_id, "InProgress", "InProgress")
    status, stdout, stderr = ("Success", "Success"), b"", b""
    is_windows = tools_host.is_one(instance_id, record["account"], record["region"])
    for step in steps:
        if step.runs_on_linux == is_windows:
            continue
        status, code, more_out, more_err = _run_step(record, instance_id, step)
        stdout, stderr = stdout + more_out, stderr + more_err
        invocation.update(PluginName=step.name, ResponseCode=code)
        if status[0] != "Success":
            break
    ended = datetime.datetime.now(datetime.UTC)
    invocation.update(
        ExecutionEndDateTime=_iso(ended),
        ExecutionElapsedTime=f"PT{(ended - started).total_seconds():.3f}S",
        StandardOutputContent=stdout.decode("utf-8", "replace")[:STDOUT_LIMIT],
        StandardErrorContent=stderr.decode("utf-8", "replace")[:STDERR_LIMIT],
    )
    if invocation["Status"] != "Cancelled":
        _finish(record, instance_id, *status)


def _run_step(record, instance_id, step):
    """The agent writes the step's script to a file and lets `sh -c` execute that, so a `#!` line counts."""
    if not step.runs_on_linux:
        code, stdout = tools_host.run(step.name, step.values)
        return ("Success", "Success") if code == 0 else ("Failed", "Failed"), code, stdout, b""
    folder = f"/var/lib/amazon/ssm/{instance_id}/document/orchestration/{record['command']['CommandId']}/{step.name}"
    folder = folder.replace(":", "_")
    script = 'set -e; umask 077; mkdir -p "$1"; cat >"$1/_script.sh"; chmod 700 "$1/_script.sh"; '
    script += 'if [ -n "$2" ]; then cd "$2"; fi; exec sh -c "$1/_script.sh" </dev/null'
    argv = ["sh", "-c", script, "ssm-agent", folder, step.working_directory]
    try:
        code, stdout, stderr = instances.command(instance_id, argv, step.script.encode(), step.timeout)
    except subprocess.TimeoutExpired:
        return ("TimedOut", "ExecutionTimedOut"), -1, b"", b""
    return ("Success", "Success") if code == 0 else ("Failed", "Failed"), code, stdout, stderr


def _finish(record, instance_id, status, details):
    _change(record, instance_id, status, details)
    command, invocations = record["command"], list(record["invocations"].values())
    done = [i for i in invocations if i["Status"] in TERMINAL]
    failed = [i for i in done if i["Status"] != "Success"]
    command.update(CompletedCount=len(done), ErrorCount=len(failed))
    if len(done) == len(invocations):
        worst = failed[0] if failed else done[0]
        command.update(Status=worst["Status"], StatusDetails=worst["StatusDetails"])
        _publish(record, "EC2 Command Status-change Notification", command["Status"], command["InstanceIds"])


def _change(record, instance_id, status, details):
    record["invocations"][instance_id].update(Status=status, StatusDetails=details)
    if status == "InProgress":
        record["command"].update(Status=status, StatusDetails=details)
    _publish(record, "EC2 Command Invocation Status-change Notification", status, [instance_id])


def _publish(record, detail_type, status, ids):
    """User Guide, "Systems Manager event examples": Run Command."""
    command = record["command"]
    detail = {
        "command-id": command["CommandId"],
        "document-name": command["DocumentName"],
        "requested-date-time": _iso(command["RequestedDateTime"]),
        "status": status,
    }
    if "Invocation" in detail_type:
        detail["instance-id"] = ids[0]
    else:
        detail |= {"expire-after": _iso(command["ExpiresAfter"]), "parameters": command["Parameters"]}
    account, region = record["account"], record["region"]
    arns = [ec2.arn(name, account, region) for name in ids]
    eventbridge.service_event("aws.ssm", detail_type, detail, account, region, arns)


def _get_command_invocation(call):
    command_id, instance_id = call.parameters["CommandId"], call.parameters["InstanceId"]
    record = _visible_record(call)
    invocation = record and record["invocations"].get(instance_id)
    if invocation is None or time.time() < record["sent"] + INVISIBLE_SECONDS:
        raise ApiError("InvocationDoesNotExist", f"Invocation not found for {command_id}, {instance_id}")
    plugin = call.parameters.get("PluginName")
    if plugin and plugin != invocation.get("PluginName", plugin):
        raise ApiError("InvalidPluginName", f"The plugin {plugin} is not part of the command.")
    command = record["command"]
    shared = {name: command[name] for name in ("CommandId", "Comment", "DocumentName", "DocumentVersion")}
    empty = {"StandardOutputContent": "", "StandardErrorContent": "", "StandardOutputUrl": "", "StandardErrorUrl": ""}
    return shared | {"InstanceId": instance_id} | empty | invocation


def _visible_record(call):
    record = COMMANDS.get(call.parameters["CommandId"])
    return record if record and (record["account"], record["region"]) == (call.account, call.region) else None


def _list_commands(call):
    wanted, instance = call.parameters.get("CommandId"), call.parameters.get("InstanceId")
    found = [
        record["command"]
        for record in COMMANDS.values()
        if (record["account"], record["region"]) == (call.account, call.region)
        and wanted in (None, record["command"]["CommandId"])
        and (instance is None or instance in record["command"]["InstanceIds"])
    ]
    return {"Commands": sorted(found, key=lambda command: command["RequestedDateTime"], reverse=True)}


def _cancel_command(call):
    """Stops what has not begun; what runs goes on, its outcome is no longer reported."""
    record = _visible_record(call)
    if record is None:
        raise ApiError("InvalidCommandId", f"Command {call.parameters['CommandId']} does not exist.")
    for name, invocation in record["invocations"].items():
        if invocation["Status"] not in TERMINAL and name in (call.parameters.get("InstanceIds") or [name]):
            _finish(record, name, "Cancelled", "Cancelled")


def _resource(call):
    """SendCommand and the document operations have a resource level; the instances are `_also_requires`."""
    name = call.parameters.get("DocumentName", call.parameters.get("Name"))
    return ssm_documents.arn(name, call.account, call.region) if name else "*"


def _also_requires(call):
    """SendCommand is evaluated on each instance too, with its tags as `ssm:resourceTag/K` and `aws:ResourceTag/K`."""
    if call.operation != "SendCommand":
        return []
    tags = {instance["id"]: instance["tags"] for instance in ec2.visible(call.account, call.region)}
    return [
        (
            "ssm:SendCommand",
            ec2.arn(name, call.account, call.region),
            {f"{p}/{k}": v for k, v in tags.get(name, {}).items() for p in ("ssm:resourceTag", "aws:ResourceTag")},
        )
        for name in _targets(call)
    ]


def _iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


SERVICE = Service(
    name="ssm",
    extends_ministack=True,
    operations={
        "SendCommand": _send_command,
        "GetCommandInvocation": _get_command_invocation,
        "ListCommands": _list_commands,
        "CancelCommand": _cancel_command,
        "DescribeInstanceInformation": ssm_inventory.describe,
        "CreateDocument": ssm_documents.create,
        "UpdateDocument": ssm_documents.update,
        "UpdateDocumentDefaultVersion": ssm_documents.update_default_version,
        "DeleteDocument": ssm_documents.delete,
        "DescribeDocument": ssm_documents.describe,
        "GetDocument": ssm_documents.get,
    },
    resource=_resource,
    also_requires=_also_requires,
    state=ssm_documents.DOCUMENTS,
    reset=COMMANDS.clear,
)
