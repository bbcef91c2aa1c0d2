"""The instances: SSM Agent answers on each running Linux host, so that it can be asked who a user is."""

from preflight.check import Check
from preflight.result import notice, ok, problem, warning

SHOWN = 10


def _agents(subject):
    running = [i for i in _running(subject) if "windows" not in i.get("PlatformDetails", i.get("Platform", "")).lower()]
    if not running:
        yield notice("no Linux instance runs here" + (" with that tag" if subject.instances_tagged else ""))
        return
    filters = [{"Key": "ResourceType", "Values": ["EC2Instance"]}]
    known = {
        a["InstanceId"]: a
        for a in subject.account.items(
            "ssm", "describe_instance_information", "InstanceInformationList", Filters=filters
        )
    }
    online = [i["InstanceId"] for i in running if known.get(i["InstanceId"], {}).get("PingStatus") == "Online"]
    silent = [i for i in running if i["InstanceId"] not in online]
    if online:
        yield ok(f"{_count(online)} with SSM Agent online")
    for instance in silent[:SHOWN]:
        yield _silent(subject, instance, known.get(instance["InstanceId"]))
    if len(silent) > SHOWN:
        yield problem(f"{len(silent) - SHOWN} more Linux instances without SSM Agent online", "as above")
    yield from _old(subject, [known[name] for name in online])
    yield from _joined(subject, [known[name] for name in online])


def _running(subject):
    filters = [{"Name": "instance-state-name", "Values": ["running"]}]
    if subject.instances_tagged:
        key, value = subject.instances_tagged
        filters.append(
            {"Name": f"tag:{key}", "Values": [value]} if value is not None else {"Name": "tag-key", "Values": [key]}
        )
    for reservation in subject.account.items("ec2", "describe_instances", "Reservations", Filters=filters):
        yield from reservation["Instances"]


def _silent(subject, instance, agent):
    name = instance["InstanceId"]
    if agent is not None:
        return problem(
            f"SSM Agent on {name} has gone silent ({agent['PingStatus']}): users on it cannot be identified",
            f"on {name}: sudo systemctl restart amazon-ssm-agent; then look at its way to the SSM endpoints",
        )
    said = f"{name} has no SSM Agent that reports: users on it cannot be identified"
    if "IamInstanceProfile" in instance:
        return problem(
            said,
            f"on {name}: sudo systemctl enable --now amazon-ssm-agent, with AmazonSSMManagedInstanceCore in its role "
            "and a way to the SSM endpoints",
        )
    attach = subject.aws(
        "ec2", "associate-iam-instance-profile", "--instance-id", name, "--iam-instance-profile", "Name=PROFILE"
    )
    return problem(said, f"{attach}   # a profile whose role has AmazonSSMManagedInstanceCore")


def _old(subject, agents):
    old = [a["InstanceId"] for a in agents if a.get("IsLatestVersion") is False]
    if old:
        command = ("ssm", "send-command", "--document-name", "AWS-UpdateSSMAgent", "--instance-ids", *old[:50])
        yield warning(f"{_count(old)} with an old SSM Agent: {_named(old)}", subject.aws(*command))


def _joined(subject, agents):
    """SSM knows a host's name only; a joined host calls itself by a name in the domain."""
    if subject.directory is None:
        return
    domain = "." + subject.directory["Name"].lower()
    strangers = [a["InstanceId"] for a in agents if not a.get("ComputerName", "").lower().endswith(domain)]
    if strangers:
        yield notice(f"{_count(strangers)} not joined to {domain[1:]}, going by the host name: {_named(strangers)}")


def _count(names):
    return f"{len(names)} Linux instance{'s' if len(names) > 1 else ''}"


def _named(names):
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


CHECKS = (Check("instances", _agents, ("ec2:DescribeInstances", "ssm:DescribeInstanceInformation"), needs_stack=False),)
