//! What leads nowhere: messages about an instance from where it is not.

use crate::account::Mode;
use crate::event::{Told, ToldState};
use crate::member::State as Truth;
use crate::outcome::Outcome;
use crate::place::Place;
use crate::reason::Reason;
use crate::testing::{Behaviour, World, account, place};

const ONE: &str = "i-00000000000000001";
const OTHER: &str = "444455556666";

/// A world with a row of another account, too.
fn world() -> World {
    let world = World::new(1, Mode::OneTime);
    world.state().rows.insert(OTHER.to_owned(), account(Mode::OneTime));
    world
}

/// The instance where it is not: in another account, and in another Region.
fn elsewhere() -> [Place; 2] {
    let here = place(ONE);
    [
        Place { account: OTHER.parse().unwrap(), ..here.clone() },
        Place { region: "us-east-1".parse().unwrap(), ..here },
    ]
}

fn everything(place: &Place, command: &str) -> Vec<Told> {
    let mut all: Vec<Told> = [ToldState::Running, ToldState::Terminated]
        .into_iter()
        .map(|state| Told::State(place.clone(), state))
        .collect();
    all.push(Told::Command(place.clone(), command.to_owned()));
    all.extend([0, 1, 1000].map(|number| Told::Again(place.clone(), number)));
    all
}

#[test]
fn what_another_account_or_region_tells_of_a_member_removes_nothing_and_asks_nobody() {
    let world = world();
    world.launch(ONE, Behaviour::Works);
    world.play(Vec::new());
    let (objects, item) = (world.state().objects.clone(), world.item(ONE));
    let calls = |world: &World| {
        ["AssumeRole", "SearchByName", "SearchBySid", "DeleteComputer"].map(|call| world.count(call))
    };
    let before = calls(&world);
    world.state().outcomes.clear();
    let command = item.as_ref().unwrap().command.clone().unwrap();
    let told: Vec<Told> = elsewhere().iter().flat_map(|place| everything(place, &command)).collect();
    for told in &told {
        world.deliver(told.clone(), 0);
        world.play(Vec::new());
    }
    assert_eq!((&world.state().objects, &world.item(ONE)), (&objects, &item));
    assert_eq!(calls(&world), before);
    let outcomes = world.state().outcomes.clone();
    assert_eq!(outcomes.len(), told.len());
    assert!(
        outcomes.iter().all(|(_, outcome)| *outcome == Outcome::Refused(Reason::OtherPlace)),
        "{outcomes:?}"
    );
    let mails = world.state().mails.clone();
    assert_eq!(mails.len(), 2, "one of each place: {mails:?}");
    assert!(
        mails[0].body.contains(OTHER) && mails[0].body.contains(Reason::OtherPlace.advice()),
        "{mails:?}"
    );
    world.play(vec![(10, ONE.to_owned(), Truth::Terminated)]);
    assert_eq!(world.problems(), [""; 0], "its own account still has it leave");
}

#[test]
fn what_another_account_or_region_tells_of_a_join_that_is_under_way_changes_nothing() {
    for at in [310, 340, 400, 700] {
        let world = world();
        for place in elsewhere() {
            for told in everything(&place, "command-1") {
                world.deliver(told, at);
            }
        }
        world.launch(ONE, Behaviour::Works);
        world.play(Vec::new());
        assert_eq!(world.problems(), [""; 0], "{at}\n{}", world.state().trace.join("\n"));
    }
}
