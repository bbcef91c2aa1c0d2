"""EC2: the lab's instances, shown by ministack's own Describe calls, and their state-change events.

Sources: EC2 API Reference, Instance and InstanceState (codes); EC2 User Guide, "EC2 instance state-change events".
"""

import time

from ministack.core.responses import request_scope
from ministack.services import ec2

from lab import instances
from lab.aws import eventbridge, ledger

STATE_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}


def arn(instance_id, account, region):
    """Service Authorization Reference, Amazon EC2: resource type `instance`."""
    return f"arn:aws:ec2:{region}:{account}:instance/{instance_id}"


def visible(account, region):
    """The instances of one account and Region."""
    return [i for i in instances.list_all() if (i["account"], i["region"]) == (account, region)]


def agent_answers(instance_id, account, region):
    """Whether the instance runs, belongs to the caller and its SSM agent has started."""
    found = next((i for i in visible(account, region) if i["id"] == instance_id), None)
    if found is None or found["state"] != "running":
        return False
    return found.get("agent_ready_at") is not None and found["agent_ready_at"] <= time.time()


def instance_changed(instance_id, state):
    """Called by the lab when an instance enters a state: show it and publish the event."""
    instance = instances.load(instance_id)
    _show(instance, state)
    account, region = instance["account"], instance["region"]
    detail = {"instance-id": instance_id, "state": state}
    resources = [arn(instance_id, account, region)]
    eventbridge.service_event(
        "aws.ec2", "EC2 Instance State-change Notification", detail, account, region, resources
    )


def show_all():
    """Show the instances that exist, and no others, without events: after a reset."""
    ec2._instances.clear()
    for instance in instances.list_all():
        if instance["state"] != "terminated":
            _show(instance, instance["state"])


def _show(instance, state):
    """Give ministack a record of the instance; it lives in ministack's default VPC."""
    with request_scope(instance["account"], instance["region"]):
        record = ec2._instances.get(instance["id"]) or _record(instance)
        record["State"] = {"Code": STATE_CODES[state], "Name": state}
        if state == "terminated":
            record["_terminated_at"] = time.time()
        ec2._instances[instance["id"]] = record
        ec2._tags[instance["id"]] = [{"Key": key, "Value": value} for key, value in instance["tags"].items()]


def _record(instance):
    return {
        "InstanceId": instance["id"],
        "ImageId": "ami-0123456789abcdef0",
        "InstanceType": "t3.micro",
        "KeyName": "",
        "LaunchTime": ledger.now()[:19] + ".000Z",
        "Placement": {"AvailabilityZone": f"{instance['region']}a", "Tenancy": "default"},
        "PrivateDnsName": f"ip-{instance['ip'].replace('.', '-')}.{instance['region']}.compute.internal",
        "PrivateIpAddress": instance["ip"],
        "PublicDnsName": "",
        "PublicIpAddress": "",
        "SubnetId": "subnet-0123456789abcdef0",
        "VpcId": "vpc-0123456789abcdef0",
        "Architecture": "x86_64",
        "RootDeviceType": "ebs",
        "RootDeviceName": "/dev/xvda",
        "Virtualization": "hvm",
        "Hypervisor": "xen",
        "Monitoring": {"State": "disabled"},
        "SecurityGroups": [],
        "BlockDeviceMappings": [],
        "AmiLaunchIndex": 0,
    }
