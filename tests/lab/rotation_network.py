"""What the rotation function's subnets have where AWS is: a default route to a NAT gateway.

Functions run on the lab's host and need none of it; `scripts/doctor` looks at it as it does on AWS. ministack's own VPC and
subnets have fixed ids, and lead to an internet gateway.
"""

from lab.client import client

VPC = "vpc-00000001"
SUBNETS = ("subnet-00000001", "subnet-00000002")
PUBLIC_SUBNET = "subnet-00000003"
# That of the VPC; it stands for the domain controllers' too.
SECURITY_GROUP = "sg-00000001"


def make() -> None:
    """Once for each lab: what leads out already is left alone."""
    ec2 = client("ec2")
    tables = ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": [SUBNETS[0]]}])["RouteTables"]
    if any(route.get("NatGatewayId") for table in tables for route in table["Routes"]):
        return
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=PUBLIC_SUBNET, AllocationId=address)["NatGateway"]["NatGatewayId"]
    table = ec2.create_route_table(VpcId=VPC)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway)
    for subnet in SUBNETS:
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
