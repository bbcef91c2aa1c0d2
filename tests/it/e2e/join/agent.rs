use super::joiner;
use super::launched::Launched;
use crate::lab::Journal;
use crate::mail::{body, subject};

#[test]
fn an_instance_whose_agent_comes_late_joins() {
    let instance = Launched::with(&["--agent-delay", "8"]);
    let item = instance.until("joined");
    assert!(item["absent"].as_u64() > Some(0), "{item}");
    instance.sh(&format!("kinit -k -c MEMORY: '{}$'", instance.name()));
}

#[test]
fn people_are_told_of_an_agent_that_does_not_come() {
    let mail = Journal::from_now("mail");
    let _soon = joiner(&[("AGENT_ATTEMPTS", Some("2"))]);
    let instance = Launched::with(&["--agent-delay", "86400"]);
    let item = instance.until("failed");
    assert_eq!(item["reason"], "agent-absent");
    let told: Vec<_> = mail.read().into_iter().filter(|mail| subject(mail).contains(&instance.id)).collect();
    let [told] = &told[..] else { panic!("one mail, not {told:?}") };
    assert!(body(told).contains("agent-absent"), "{told}");
}
