//! The flows for a user of a trusted domain whose name and relative identifier a user of the own one has, too: under every
//! fault it is he who is contained and released, and never his namesake.

use super::matrix::{EVE, Flow, exhaust, play_containment, release_after_containment};
use crate::systems_manager::Reply;
use crate::testing::{
    Faults, Schedule, World, answer, ask_for_release, block_on, event, know_who_asks, of_partner, report,
    work_on_the_queue,
};

const THEIRS: &str = "alice@partner.example.test";

fn trust(world: &World) {
    world.trust();
    world.answers(&of_partner(&answer(), 1104));
    let mut state = world.state();
    let sid = state.users[THEIRS].sid.to_string();
    let arn = event()["detail"]["arn"].as_str().unwrap().to_owned();
    state.truth.about.insert(arn, sid);
    state.report = Some(Reply::Output(of_partner(&report(), 1104).to_string()));
}

/// What is wrong with his namesake.
fn namesake(world: &World) -> Option<String> {
    let state = world.state();
    let touched = !state.users["alice"].enabled || state.passwords.contains_key("alice");
    let told = state.mails.iter().any(|mail| mail.subject.starts_with("[adsteward] alice "));
    (touched || told).then(|| format!("the own alice was touched ({touched}) or told of ({told})"))
}

#[test]
fn a_containment_in_a_trusted_domain_survives_every_fault_at_every_call() {
    let play = async |world: &World, faults: Faults| {
        trust(world);
        play_containment(world, faults).await;
    };
    let flow = Flow { name: "contain-user, trusted domain", from: "", play, effects: 1 };
    exhaust(&flow, |world, _| {
        let left = world.enabled(THEIRS).then(|| "he is still enabled".to_owned());
        left.or_else(|| namesake(world))
    });
}

#[test]
fn a_release_in_a_trusted_domain_survives_every_fault_at_every_call() {
    let play = async |world: &World, faults: Faults| {
        trust(world);
        release_after_containment(world, THEIRS, faults).await;
    };
    let flow = Flow { name: "release-user, trusted domain", from: "", play, effects: 1 };
    exhaust(&flow, |world, _| {
        if !world.enabled(THEIRS) {
            know_who_asks(world, "arn:r:2", EVE);
            block_on(async {
                let mut schedule = Schedule::new(world);
                let again = ask_for_release(world.clone(), THEIRS.to_owned(), "arn:r:2".to_owned());
                schedule.add(0, again);
                schedule.add(0, work_on_the_queue(world.clone()));
                schedule.run().await;
            });
        }
        let held = (!world.enabled(THEIRS)).then(|| "he cannot be released".to_owned());
        held.or_else(|| namesake(world))
    });
}
