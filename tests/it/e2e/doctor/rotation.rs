//! Rotation, planted: turned off, overdue, and without a way to AWS or to the directory.

use serde_json::Value;

use crate::doctor::planted::{Planted, found, is_healthy};
use crate::doctor::visit::{PROBLEM, Visit, resource};
use crate::lab::{aws, lab};
use crate::stack::output;

const EVERYWHERE: &str = "0.0.0.0/0";

fn mended_by(check: &str, fix: &str) {
    lab(&["exec", "--", "bash", "-c", fix]);
    lab(&["rotations", "--wait"]);
    is_healthy(check);
}

#[test]
fn finds_that_rotation_was_turned_off() {
    let secret = output("RotatedSecretArn");
    let undo = ["secretsmanager", "rotate-secret", "--secret-id", secret];
    let _planted = Planted::by(&["secretsmanager", "cancel-rotate-secret", "--secret-id", secret], &undo);

    let fix = found("rotation", PROBLEM, "aws secretsmanager rotate-secret");

    mended_by("rotation", &fix);
}

#[test]
fn finds_that_a_rotation_is_overdue() {
    let secret = output("RotatedSecretArn");
    lab(&["age-secret", secret, "38"]);

    let fix = found("rotation", PROBLEM, "RUNBOOK.md#rotation-failed");

    mended_by("rotation", &fix);
}

#[test]
fn finds_each_service_that_the_rotator_cannot_reach_and_how_to_reach_it() {
    let subnet = network("SubnetIds");
    let filter = format!("Name=association.subnet-id,Values={subnet}");
    let table = &aws(&["ec2", "describe-route-tables", "--filters", &filter])["RouteTables"][0];
    let routes = table["Routes"].as_array().unwrap();
    let route = routes.iter().find(|route| route["DestinationCidrBlock"] == EVERYWHERE).unwrap();
    let of_table = ["--route-table-id", table["RouteTableId"].as_str().unwrap()];
    let of_route = ["--destination-cidr-block", EVERYWHERE];
    let gateway = ["--nat-gateway-id", route["NatGatewayId"].as_str().unwrap()];
    let undo = [&["ec2", "create-route"], &of_table[..], &of_route, &gateway].concat();
    let planted = Planted::by(&[&["ec2", "delete-route"], &of_table[..], &of_route].concat(), &undo);

    found("way to AWS", PROBLEM, "--service-name com.amazonaws.eu-west-1.secretsmanager");

    let visit = Visit::now(&[]);
    let answers = visit.of("way to AWS");
    let about = |service: &str| {
        let said = format!("cannot reach {service} from");
        answers.iter().find(|answer| answer["sentence"].as_str().unwrap().contains(&said)).unwrap()
    };
    assert_eq!(answers.len(), 4, "{answers:#?}");
    for service in ["ds", "ds-data"] {
        // The lab's EC2 offers no endpoint for these.
        assert!(about(service)["fix"].as_str().unwrap().contains("NAT gateway"), "{service}");
    }
    assert!(about("sns")["fix"].as_str().unwrap().contains("create-vpc-endpoint"));
    drop(planted);
    is_healthy("way to AWS");
}

#[test]
fn finds_that_the_rotator_may_not_talk_to_the_domain_controllers() {
    let group = group_for_https_only();
    let function = resource(|name, _| name == "SecretRotatorFunction");
    let subnets = format!("SubnetIds={}", network("SubnetIds"));
    let with = |group: &str| format!("{subnets},SecurityGroupIds={group}");
    let (other, own) = (with(&group), with(&network("SecurityGroupIds")));
    let update = ["lambda", "update-function-configuration", "--function-name", &function, "--vpc-config"];
    let undo = [&update[..], &[&own]].concat();
    let planted = Planted::by(&[&update[..], &[&other]].concat(), &undo);

    found("way to Kerberos", PROBLEM, "--protocol tcp --port 88 --cidr 10.98.0.");

    drop(planted);
    is_healthy("way to Kerberos");
    aws(&["ec2", "delete-security-group", "--group-id", &group]);
}

/// A security group of the VPC that lets HTTPS out and nothing else.
fn group_for_https_only() -> String {
    let create = ["ec2", "create-security-group", "--group-name", "e2e-https", "--description", "HTTPS"];
    let created = aws(&[&create[..], &["--vpc-id", &network_id()]].concat());
    let group = created["GroupId"].as_str().unwrap().to_owned();
    let egress = |change: &str, rule: &[&str]| aws(&[&["ec2", change, "--group-id", &group], rule].concat());
    egress("revoke-security-group-egress", &["--protocol", "-1", "--cidr", EVERYWHERE]);
    egress("authorize-security-group-egress", &["--protocol", "tcp", "--port", "443", "--cidr", EVERYWHERE]);
    group
}

fn network_id() -> String {
    configuration()["VpcConfig"]["VpcId"].as_str().unwrap().to_owned()
}

/// The first id of a setting of the function's network.
fn network(setting: &str) -> String {
    configuration()["VpcConfig"][setting][0].as_str().unwrap().to_owned()
}

fn configuration() -> Value {
    let function = resource(|name, _| name == "SecretRotatorFunction");
    aws(&["lambda", "get-function-configuration", "--function-name", &function])
}
