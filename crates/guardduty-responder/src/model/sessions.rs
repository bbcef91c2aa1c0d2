//! The steps that end sessions, under every fault and whatever the instance makes of the command: people are told of the
//! containment, and of sessions what is true.

use super::matrix::{Flow, exhaust, play_containment};
use crate::testing::{Ending, Faults, Said, World};

/// What the notices of alice's containment say of her sessions.
fn said(world: &World) -> Vec<Option<Said>> {
    let state = world.state();
    let about = state.mails.iter().filter(|mail| {
        mail.subject.starts_with("[adsteward] alice disabled")
            && !mail.subject.contains("told by the witness")
    });
    about.map(Said::by).collect()
}

fn check(ending: Ending) {
    let play = async |world: &World, faults: Faults| {
        world.state().ending_choice = vec![ending];
        play_containment(world, faults).await;
    };
    let name = &format!("sessions {ending:?}");
    // Before the steps that end sessions the flow is the same for all.
    exhaust(&Flow { name, from: "DescribeInstanceInformation", play, effects: 1 }, |world, fault| {
        if world.enabled("alice") {
            return Some("alice is still enabled".to_owned());
        }
        let said = said(world);
        let true_ = match fault {
            None => said == [Some(ending.said())],
            // A step that failed for good is told as sessions that were not ended.
            Some(_) => said.iter().all(|said| [Some(ending.said()), Some(Said::NotEnded)].contains(said)),
        };
        (!true_).then(|| format!("{said:?} is told of {ending:?}"))
    });
}

#[test]
fn ending_sessions_survives_every_fault_at_every_call_and_is_told_as_it_is() {
    // The seeds know all the others, which differ from these only in the code that is told.
    for ending in [Ending::Complete, Ending::Partial, Ending::Refused, Ending::AgentLost] {
        check(ending);
    }
}
