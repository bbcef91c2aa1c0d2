//! Executions that ask a person, under every fault: of the question, the wait, the answer, and the review afterwards.

use super::matrix::{Flow, exhaust, play_containment};
use crate::testing::{Fault, Faults, Person, World};

/// A question is open for ten minutes, which is shorter than the leases that run out when everything comes to rest.
const SETTINGS: [(&str, &str); 2] = [("MODE", "approve"), ("APPROVAL_SECONDS", "600")];

/// Asks these people, who answer within five minutes.
async fn play_asking(world: &World, people: &[Person], faults: Faults) {
    {
        let mut state = world.state();
        state.settings.extend(SETTINGS);
        state.people = people.to_vec();
        state.patience = 300_000;
        state.callers_known = true;
    }
    play_containment(world, faults).await;
}

fn left_alone(world: &World, _: Option<Fault>) -> Option<String> {
    (!world.enabled("alice")).then(|| "alice is disabled".to_owned())
}

fn contained(world: &World, _: Option<Fault>) -> Option<String> {
    world.enabled("alice").then(|| "alice is still enabled".to_owned())
}

#[test]
fn an_approval_survives_every_fault_at_every_call() {
    let play = async |world: &World, faults| play_asking(world, &[Person::Approves], faults).await;
    exhaust(&Flow { name: "contain-user, approved", from: "Publish", play, effects: 1 }, contained);
}

#[test]
fn a_refusal_survives_every_fault_at_every_call() {
    let play = async |world: &World, faults| play_asking(world, &[Person::Refuses], faults).await;
    exhaust(&Flow { name: "contain-user, refused", from: "Publish", play, effects: 0 }, left_alone);
}

#[test]
fn a_question_that_nobody_answers_survives_every_fault_at_every_call() {
    let play = async |world: &World, faults| play_asking(world, &[Person::Sleeps], faults).await;
    exhaust(&Flow { name: "contain-user, unanswered", from: "PutItem", play, effects: 0 }, left_alone);
}

#[test]
fn an_answer_of_the_user_himself_never_counts_whatever_fails() {
    let play = async |world: &World, faults| play_asking(world, &[Person::IsTheUser], faults).await;
    exhaust(
        &Flow { name: "contain-user, answered by the user", from: "Publish", play, effects: 0 },
        left_alone,
    );
}

#[test]
fn where_nobody_is_proved_an_approval_survives_every_fault_at_every_call() {
    let play = async |world: &World, faults| {
        world.state().agent_absent = true;
        play_asking(world, &[Person::Approves], faults).await;
    };
    exhaust(
        &Flow { name: "contain-user, named by a person", from: "Publish", play, effects: 1 },
        |world, _| {
            let state = world.state();
            let ended = !state.endings.is_empty();
            drop(state);
            contained(world, None)
                .or_else(|| ended.then(|| "sessions of nobody proved were ended".to_owned()))
        },
    );
}

#[test]
fn a_review_survives_every_fault_at_every_call() {
    let play = async |world: &World, faults| {
        world.state().settings.push(("REVIEW_AFTER_SECONDS", "7200"));
        play_containment(world, faults).await;
    };
    exhaust(&Flow { name: "contain-user, reviewed", from: "Publish", play, effects: 1 }, |world, fault| {
        let state = world.state();
        let reviews = state.mails.iter().filter(|mail| mail.subject.contains("is still contained")).count();
        let reached_its_end = state.truth.ended.get("arn:x:1").is_some_and(|end| end == "Done");
        let right = match fault {
            None => reviews == 1,
            Some(_) => reviews <= 2 && (reviews > 0 || !reached_its_end),
        };
        (!right).then(|| format!("asked {reviews} times whether to keep alice contained"))
    });
}
