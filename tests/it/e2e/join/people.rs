use super::launched::Launched;
use crate::directory::{add_to_group, create_group, create_users};
use crate::lab::Journal;

#[test]
fn members_of_the_tagged_group_are_admitted_and_strangers_refused() {
    create_users(["jutta", "jonas"]);
    create_group("Join Testers");
    add_to_group("Join Testers", "jutta");
    let instance = Launched::joined(&["--tag", "adGroupName= Join Testers "]);
    assert_eq!(["jutta", "jonas"].map(|user| instance.admits(user)), [true, false]);
}

#[test]
fn an_instance_that_is_opted_out_is_left_alone() {
    let calls = Journal::from_now("calls");
    let instance = Launched::with(&["--tag", "autoadjoin= False "]);
    instance.rest();
    assert!(instance.item().is_null(), "{}", instance.item());
    let sent = calls.read().into_iter().filter(|call| call["operation"] == "SendCommand");
    assert_eq!(sent.filter(|call| call.to_string().contains(&instance.id)).count(), 0);
    instance.terminate();
    instance.rest();
    assert!(instance.item().is_null(), "{}", instance.item());
}
