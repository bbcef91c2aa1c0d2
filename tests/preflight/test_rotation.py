"""Rotation: which secrets stand still, and what is missing on the way from the function to AWS and to the directory."""

import datetime
import unittest
from types import SimpleNamespace

from preflight.checks import rotation, rotation_network
from preflight.subject import Subject
from tests.preflight.fakes import FakeAccount, verdicts

ARN = "arn:aws:lambda:eu-west-1:111122223333:function:adsteward-secret-rotator"
NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)
SUBNETS = ["subnet-a", "subnet-b"]
NETWORK = {"VpcId": "vpc-1", "SubnetIds": SUBNETS, "SecurityGroupIds": ["sg-rotator"]}
SERVICES = ("secretsmanager", "ds", "ds-data", "sns")


def subject(account, parameters=None, deployed=True):
    stack = SimpleNamespace(
        name="adsteward", parameters=parameters or {}, outputs={},
        physical_id=lambda logical_id: "adsteward-secret-rotator" if deployed else None,
    )  # fmt: skip
    return Subject(account, stack, "d-9067012345", account_id="111122223333")


class RotatedTest(unittest.TestCase):
    def ask(self, *secrets, deployed=True):
        account = FakeAccount(get_function_configuration={"FunctionArn": ARN}, list_secrets={"SecretList": list(secrets)})
        return list(rotation._rotated(subject(account, deployed=deployed)))

    def secret(self, late_days=-1, **more):
        rules = {"AutomaticallyAfterDays": 30}
        described = {"Name": "Admin", "RotationLambdaARN": ARN, "RotationEnabled": True, "RotationRules": rules}
        return described | {"NextRotationDate": NOW + -late_days * DAY} | more

    def test_a_stack_without_rotation_is_none_to_judge(self):
        self.assertEqual(verdicts(self.ask(deployed=False)), ["notice"])

    def test_a_secret_is_late_after_a_fifth_of_its_period(self):
        self.assertEqual(verdicts(self.ask(self.secret(late_days=5))), ["ok"])
        answers = self.ask(self.secret(late_days=7))
        self.assertEqual(verdicts(answers), ["problem"])
        self.assertIn("rotate-secret --secret-id Admin", answers[0].fix)

    def test_a_schedule_by_cron_is_late_after_a_day(self):
        cron = {"RotationRules": {"ScheduleExpression": "cron(0 8 1 * ? *)"}}
        self.assertEqual(verdicts(self.ask(self.secret(late_days=0, **cron))), ["ok"])
        self.assertEqual(verdicts(self.ask(self.secret(late_days=2, **cron))), ["problem"])

    def test_rotation_that_is_turned_off_is_a_problem(self):
        self.assertEqual(verdicts(self.ask(self.secret(RotationEnabled=False))), ["problem"])

    def test_secrets_of_other_functions_do_not_count(self):
        other = self.secret(late_days=400, RotationLambdaARN=f"{ARN}-of-others")
        answers = self.ask(other)
        self.assertEqual(verdicts(answers), ["warning"])
        self.assertIn(f"--rotation-lambda-arn {ARN}", answers[0].fix)
        self.assertEqual(verdicts(self.ask(other, self.secret())), ["ok"])

    def test_a_rotation_that_is_not_finished_is_told(self):
        labels = {"v1": ["AWSCURRENT"], "v2": ["AWSPENDING"]}
        self.assertEqual(verdicts(self.ask(self.secret(SecretVersionsToStages=labels))), ["warning"])
        done = {"v1": ["AWSPREVIOUS"], "v2": ["AWSCURRENT", "AWSPENDING"]}
        self.assertEqual(verdicts(self.ask(self.secret(SecretVersionsToStages=done))), ["ok"])


def table(subnets, main=False, **way):
    routes = [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}]
    routes += [{"DestinationCidrBlock": "0.0.0.0/0", "State": "active"} | way] if way else []
    associations = [{"SubnetId": subnet} for subnet in subnets] + ([{"Main": True}] if main else [])
    return {"VpcId": "vpc-1", "Associations": associations, "Routes": routes}


def endpoint(service, **more):
    described = {"VpcId": "vpc-1", "VpcEndpointType": "Interface", "State": "available", "PrivateDnsEnabled": True}
    return described | {"ServiceName": f"com.amazonaws.eu-west-1.{service}"} | more


def rule(port, **to):
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port} | to


HTTPS = rule(443, IpRanges=[{"CidrIp": "0.0.0.0/0"}])
NAT = table(SUBNETS, NatGatewayId="nat-1")


class WayToAwsTest(unittest.TestCase):
    def ask(self, tables, endpoints=(), egress=(HTTPS,), offered=("secretsmanager", "ds-data", "sns")):
        account = FakeAccount(
            get_function_configuration={"VpcConfig": NETWORK},
            describe_route_tables={"RouteTables": list(tables)},
            describe_vpc_endpoints={"VpcEndpoints": list(endpoints)},
            describe_vpc_endpoint_services={"ServiceNames": [f"com.amazonaws.eu-west-1.{name}" for name in offered]},
            describe_security_groups={"SecurityGroups": [{"IpPermissionsEgress": list(egress)}]},
        )
        return list(rotation_network._to_aws(subject(account)))

    def test_nat_is_a_way_to_everything_by_the_subnets_table_or_the_main_one(self):
        for tables in ([NAT], [table([], main=True, NatGatewayId="nat-1")], [table(SUBNETS, TransitGatewayId="tgw-1")]):
            self.assertEqual(verdicts(self.ask(tables)), ["ok"])

    def test_endpoints_for_all_services_are_a_way(self):
        self.assertEqual(verdicts(self.ask([table(SUBNETS)], [endpoint(name) for name in SERVICES])), ["ok"])

    def test_each_missing_service_is_named_with_an_endpoint_or_where_there_is_none_with_nat(self):
        answers = self.ask([table(SUBNETS)], [endpoint("sns")])
        named = {answer.sentence.split()[3]: answer.fix for answer in answers}
        self.assertEqual(list(named), ["secretsmanager", "ds", "ds-data"])
        self.assertIn("create-vpc-endpoint", named["secretsmanager"])
        self.assertIn("--service-name com.amazonaws.eu-west-1.ds-data", named["ds-data"])
        self.assertIn("no interface endpoint for ds: ", named["ds"])
        self.assertIn("NAT gateway", named["ds"])

    def test_one_subnet_without_a_way_is_enough_for_a_problem(self):
        answers = self.ask([table(["subnet-a"], NatGatewayId="nat-1"), table(["subnet-b"])])
        self.assertEqual(verdicts(answers), ["problem"] * 4)
        self.assertIn("from subnet-b:", answers[0].sentence)

    def test_an_internet_gateway_a_dead_route_and_an_endpoint_without_private_names_are_no_way(self):
        dead = table(SUBNETS, NatGatewayId="nat-1", State="blackhole")
        for tables in ([table(SUBNETS, GatewayId="igw-1")], [dead]):
            self.assertEqual(verdicts(self.ask(tables)), ["problem"] * 4)
        nameless = [endpoint(name, PrivateDnsEnabled=False) for name in SERVICES]
        self.assertEqual(verdicts(self.ask([table(SUBNETS)], nameless)), ["problem"] * 4)

    def test_endpoints_and_tables_of_other_vpcs_do_not_count(self):
        foreign = [endpoint(name, VpcId="vpc-2") for name in SERVICES]
        self.assertEqual(verdicts(self.ask([NAT | {"VpcId": "vpc-2"}], foreign)), ["problem"] * 4)

    def test_a_security_group_that_allows_no_https_is_named(self):
        answers = self.ask([NAT], egress=[rule(88)])
        self.assertEqual(verdicts(answers), ["problem"])
        self.assertIn("authorize-security-group-egress --group-id sg-rotator --protocol tcp --port 443", answers[0].fix)


class WayToTheDirectoryTest(unittest.TestCase):
    def ask(self, *egress, parameters=None):
        directories = [
            self.directory("d-9067012345", "sg-dc", "10.0.0.10", "10.0.1.10"),
            self.directory("d-9067054321", "sg-simple", "10.0.2.10"),
        ]
        account = FakeAccount(
            get_function_configuration={"VpcConfig": NETWORK},
            describe_directories={"DirectoryDescriptions": directories},
            describe_security_groups={"SecurityGroups": [{"IpPermissionsEgress": list(egress)}]},
        )
        return list(rotation_network._to_controllers(subject(account, parameters)))

    def directory(self, name, group, *addresses):
        return {"DirectoryId": name, "DnsIpAddrs": list(addresses), "VpcSettings": {"SecurityGroupId": group}}

    def test_the_domain_controllers_group_or_range_or_everything_will_do(self):
        everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        to_group = rule(88, UserIdGroupPairs=[{"GroupId": "sg-dc"}])
        for way in (to_group, rule(88, IpRanges=[{"CidrIp": "10.0.0.0/23"}]), everything):
            self.assertEqual(verdicts(self.ask(HTTPS, way)), ["ok"])

    def test_a_range_without_all_domain_controllers_or_another_group_is_a_problem(self):
        half = self.ask(rule(88, IpRanges=[{"CidrIp": "10.0.0.0/24"}]))
        self.assertEqual(verdicts(half), ["problem"])
        self.assertIn("10.0.1.10", half[0].sentence)
        self.assertNotIn("10.0.0.10", half[0].sentence)
        other = self.ask(rule(88, UserIdGroupPairs=[{"GroupId": "sg-other"}]))
        self.assertIn("DirectorySecurityGroupId=sg-dc", other[0].fix)

    def test_a_simple_ad_is_looked_at_too(self):
        way = rule(88, UserIdGroupPairs=[{"GroupId": "sg-dc"}])
        answers = self.ask(way, parameters={"SimpleDirectoryId": "d-9067054321"})
        self.assertEqual(verdicts(answers), ["ok", "problem"])
        self.assertIn("SimpleDirectorySecurityGroupId=sg-simple", answers[1].fix)

    def test_a_group_of_ones_own_is_opened_by_hand(self):
        answers = self.ask(HTTPS, parameters={"RotationSecurityGroupId": "sg-rotator"})
        self.assertIn("--port 88 --cidr 10.0.0.10/32", answers[0].fix)
