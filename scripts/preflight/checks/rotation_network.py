"""The network of secret-rotator: its way to AWS, by NAT or interface endpoints, and to the domain controllers."""

import ipaddress

from preflight.check import Check
from preflight.checks.rotation import FUNCTION
from preflight.result import ok, problem

# What the function calls. Lambda itself writes its logs and traces; Secrets Manager uses the key.
SERVICES = ("secretsmanager", "ds", "ds-data", "sns")
KERBEROS, HTTPS = 88, 443
# A function has no public address, so that an internet gateway sends none of its packets anywhere.
GOOD_WAYS = ("NatGatewayId", "TransitGatewayId", "NetworkInterfaceId", "InstanceId", "VpcPeeringConnectionId", "LocalGatewayId")


def _to_aws(subject):
    network = _network(subject)
    if network is None:
        return
    vpc, subnets = network["VpcId"], network["SubnetIds"]
    tables = list(_of_vpc(subject, "describe_route_tables", "RouteTables", vpc))
    closed = [subnet for subnet in subnets if not _leads_out(_table_of(tables, subnet))]
    endpoints = {_service(e) for e in _of_vpc(subject, "describe_vpc_endpoints", "VpcEndpoints", vpc) if _serves(e)}
    missing = [service for service in SERVICES if service not in endpoints]
    if closed and missing:
        yield from _missing(subject, network, closed, missing)
    elif not any(_allows(rule, HTTPS) for rule in _egress(subject, network)):
        groups = ", ".join(network["SecurityGroupIds"])
        yield problem(
            f"secret-rotator may not send HTTPS: no rule of {groups} allows it", _open(subject, network, HTTPS, "0.0.0.0/0")
        )
    else:
        way = "a default route" if not closed else "interface endpoints"
        yield ok(f"secret-rotator reaches AWS by {way}")


def _missing(subject, network, closed, missing):
    """What has an endpoint in this Region gets one; what has none needs NAT."""
    prefix = f"com.amazonaws.{subject.account.region}."
    offered = set(subject.account.call("ec2", "describe_vpc_endpoint_services").get("ServiceNames", []))
    where = ", ".join(closed)
    for service in missing:
        sentence = (
            f"secret-rotator cannot reach {service} from {where}: neither a NAT gateway nor an interface endpoint leads there"
        )
        if prefix + service in offered:
            fix = subject.aws(
                "ec2", "create-vpc-endpoint", "--vpc-endpoint-type", "Interface", "--private-dns-enabled",
                "--service-name", prefix + service, "--vpc-id", network["VpcId"], "--subnet-ids", *network["SubnetIds"],
                "--security-group-ids", "GROUP",
            ) + "   # GROUP lets 443 in from the VPC, whose hosts all use the endpoint then"  # fmt: skip
        else:
            fix = (
                f"this Region has no interface endpoint for {service}: give {where} a route 0.0.0.0/0 to a NAT gateway in a "
                "public subnet, or deploy with other RotationSubnetIds"
            )
        yield problem(sentence, fix)


def _to_controllers(subject):
    network = _network(subject)
    if network is None:
        return
    rules = list(_egress(subject, network))
    wanted = {subject.directory_id: "DirectorySecurityGroupId"}
    if simple := subject.stack.parameters.get("SimpleDirectoryId"):
        wanted[simple] = "SimpleDirectorySecurityGroupId"
    for directory in subject.account.items("ds", "describe_directories", "DirectoryDescriptions"):
        if parameter := wanted.get(directory["DirectoryId"]):
            yield _controllers(subject, network, rules, directory, parameter)


def _controllers(subject, network, rules, directory, parameter):
    addresses, group = directory.get("DnsIpAddrs", []), directory.get("VpcSettings", {}).get("SecurityGroupId")
    closed = [a for a in addresses if not any(_allows(r, KERBEROS) and _covers(r, a, group) for r in rules)]
    if not closed:
        return ok(f"secret-rotator may talk Kerberos to the domain controllers of {directory['DirectoryId']}")
    own = subject.stack.parameters.get("RotationSecurityGroupId") or not group
    whose = f"{', '.join(closed)} of {directory['DirectoryId']}"
    return problem(
        f"secret-rotator may not talk Kerberos (TCP 88) to the domain controllers {whose}",
        _open(subject, network, KERBEROS, f"{closed[0]}/32") if own else subject.deploy(**{parameter: group}),
    )


def _network(subject):
    """Where the function really runs; None when the stack has none."""
    name = subject.stack.physical_id(FUNCTION)
    if name is None:
        return None
    return subject.account.call("lambda", "get_function_configuration", FunctionName=name).get("VpcConfig") or None


def _of_vpc(subject, operation, member, vpc):
    filters = [{"Name": "vpc-id", "Values": [vpc]}]
    found = subject.account.items("ec2", operation, member, Filters=filters)
    return (one for one in found if one.get("VpcId") == vpc)


def _table_of(tables, subnet):
    """The subnet's own route table, or the VPC's main one."""
    own = (t for t in tables if any(a.get("SubnetId") == subnet for a in t.get("Associations", [])))
    main = (t for t in tables if any(a.get("Main") for a in t.get("Associations", [])))
    return next(own, None) or next(main, {})


def _leads_out(table):
    ways = (r for r in table.get("Routes", []) if r.get("DestinationCidrBlock") == "0.0.0.0/0")
    return any(r.get("State", "active") == "active" and any(r.get(way) for way in GOOD_WAYS) for r in ways)


def _serves(endpoint):
    """Without private DNS the usual names go on leading past the endpoint."""
    is_interface = endpoint.get("VpcEndpointType") == "Interface"
    return is_interface and endpoint.get("State", "").lower() == "available" and endpoint.get("PrivateDnsEnabled", True)


def _service(endpoint):
    return endpoint["ServiceName"].rpartition(".")[2]


def _egress(subject, network):
    asked = {"GroupIds": network["SecurityGroupIds"]}
    for group in subject.account.items("ec2", "describe_security_groups", "SecurityGroups", **asked):
        yield from group.get("IpPermissionsEgress", [])


def _allows(rule, port):
    if rule["IpProtocol"] == "-1":
        return True
    return rule["IpProtocol"] in ("tcp", "6") and rule.get("FromPort", 0) <= port <= rule.get("ToPort", 65535)


def _covers(rule, address, group):
    ranges = (ipaddress.ip_network(r["CidrIp"], strict=False) for r in rule.get("IpRanges", []))
    groups = (pair.get("GroupId") for pair in rule.get("UserIdGroupPairs", []))
    # Without the directory's group nobody can say whether one that is named is its.
    return any(ipaddress.ip_address(address) in r for r in ranges) or any(g == group or group is None for g in groups)


def _open(subject, network, port, cidr):
    return subject.aws(
        "ec2", "authorize-security-group-egress", "--group-id", network["SecurityGroupIds"][0],
        "--protocol", "tcp", "--port", str(port), "--cidr", cidr,
    )  # fmt: skip


CHECKS = (
    Check(
        "way to AWS",
        _to_aws,
        (
            "lambda:GetFunctionConfiguration",
            "ec2:DescribeRouteTables",
            "ec2:DescribeVpcEndpoints",
            "ec2:DescribeVpcEndpointServices",
            "ec2:DescribeSecurityGroups",
        ),
    ),
    Check(
        "way to Kerberos",
        _to_controllers,
        ("lambda:GetFunctionConfiguration", "ec2:DescribeSecurityGroups", "ds:DescribeDirectories"),
    ),
)
