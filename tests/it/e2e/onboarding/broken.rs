//! A function that fails at once: the state machine itself tells it, and what was not done is done by starting again.

use super::executions::{Machine, start_again};
use super::newcomer::Newcomer;
use super::{offboarder, provisioner};
use crate::lab::Journal;
use crate::mail::{body, subject};
use crate::stack::eventually;

/// Without it a function does not even begin to work.
const NEEDED: [(&str, Option<&str>); 1] = [("USER_TABLE", None)];

/// Waits until it was told, once, that an execution could not finish.
fn is_told_once(machine: &str, execution: &str, mail: &Journal) {
    let wanted = format!("[adsteward] {machine} could not finish");
    let told = || {
        mail.read().iter().filter(|mail| subject(mail) == wanted && body(mail).contains(execution)).count()
    };
    eventually("the state machine's mail", || (told() > 0).then_some(()));
    assert_eq!(told(), 1);
}

#[test]
fn a_broken_provisioner_is_told_and_the_user_gets_everything_when_it_is_mended() {
    let mail = Journal::from_now("mail");
    let user = {
        let _broken = provisioner(&NEEDED);
        let user = Newcomer::enabled("bruno");
        assert_eq!(user.ended(Machine::Onboard, 1), ["FAILED"]);
        user
    };
    user.has_nothing();
    let execution = user.executions(Machine::Onboard).into_keys().next().unwrap();
    is_told_once("onboard-user", &execution, &mail);

    assert_eq!(start_again(Machine::Onboard, &execution), "SUCCEEDED");
    assert_eq!((user.workspaces().len(), user.agents().len()), (1, 1));
}

#[test]
fn a_broken_offboarder_is_told_and_the_leaver_loses_everything_when_it_is_mended() {
    let user = Newcomer::onboarded("bella");
    let (mail, before) = (Journal::from_now("mail"), user.executions(Machine::Offboard));
    {
        let _broken = offboarder(&NEEDED);
        user.disable();
        // The security log and CloudTrail have both told it.
        assert_eq!(user.ended_since(&before, Machine::Offboard, 2), ["FAILED"; 2]);
    }
    user.agent();
    let executions: Vec<_> = user.executions(Machine::Offboard).into_keys().collect();
    executions.iter().for_each(|execution| is_told_once("offboard-user", execution, &mail));

    let _short = offboarder(&[("KEEP_DAYS", Some("0.00001"))]);
    assert_eq!(start_again(Machine::Offboard, &executions[0]), "SUCCEEDED");
    user.becomes("off-boarded");
    eventually("the end of the WorkSpace", || user.workspaces().is_empty().then_some(()));
    user.has_nothing();
}
