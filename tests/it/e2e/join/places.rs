use super::launched::Launched;
use super::object::{named, with_sid};
use crate::lab::variable;

#[test]
fn an_instance_of_another_account_and_region_joins_and_leaves() {
    let (account, region) = (variable("MEMBER_ACCOUNT_ID"), variable("MEMBER_REGION"));
    let instance = Launched::with(&["--account", account, "--region", region]);
    let item = instance.until("joined");
    assert_eq!((item["account"].as_str(), item["region"].as_str()), (Some(account), Some(region)));
    let (name, sid) = (item["name"].as_str().unwrap(), item["sid"].as_str().unwrap());
    assert_eq!((named(name).len(), with_sid(sid)), (1, named(name)));
    instance.sh(&format!("kinit -k -c MEMORY: '{name}$'"));

    instance.terminate();

    instance.until("left");
    assert!(named(name).is_empty());
}

#[test]
fn an_instance_of_the_own_account_in_another_region_joins_and_leaves() {
    let instance = Launched::joined(&["--region", variable("MEMBER_REGION")]);
    let name = instance.name();
    instance.sh(&format!("kinit -k -c MEMORY: '{name}$'"));
    instance.terminate();
    instance.until("left");
    assert!(named(&name).is_empty());
}

#[test]
fn an_instance_of_another_account_in_the_directorys_region_joins_and_leaves() {
    let account = variable("MEMBER_ACCOUNT_ID");
    let instance = Launched::joined(&["--account", account, "--region", variable("AWS_REGION")]);
    let name = instance.name();
    instance.terminate();
    instance.until("left");
    assert!(named(&name).is_empty());
}

#[test]
fn a_new_instance_with_the_address_of_one_that_is_gone_joins_and_keeps_its_object() {
    let address = ["--ip", "10.98.1.211"];
    let before = Launched::joined(&address);
    before.terminate();
    let after = Launched::joined(&address);
    before.until("left");
    before.rest();
    assert_ne!(before.name(), after.name());
    assert_eq!((named(&before.name()).len(), named(&after.name()).len()), (0, 1));
    after.sh(&format!("kinit -k -c MEMORY: '{}$'", after.name()));
}
