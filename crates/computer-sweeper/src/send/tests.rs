use std::collections::BTreeSet;

use proptest::prelude::*;
use steward_core::accounts::RowProblem;
use steward_core::member::State as Truth;

use crate::error::Error;
use crate::items::State;
use crate::request::{PlaceResult, Request, Step};
use crate::testing::{ACCOUNT, REGION, World, id, item, listed, named, object, request, row, run, sweeper};

const REPAIR: &str = r#"{"dryRun":false}"#;

/// Members 0 to `members`, of which those before `gone` are gone; and one that runs and was never joined.
fn world(members: u64, gone: u64) -> World {
    let running = (gone..members).chain([1000]).map(|number| listed(number, Truth::Running));
    World::of(
        running.collect(),
        (0..members).map(|number| item(number, State::Joined)).collect(),
        (0..members).map(object).collect(),
    )
}

#[tokio::test]
async fn what_is_missed_is_asked_for_and_told() {
    let world = world(30, 1);
    let (_, told) = run(&sweeper(&world), REPAIR).await.unwrap();
    assert_eq!(told.outcome, "done");
    assert_eq!((world.gone(), world.looked_at()), ([id(0)].into(), [id(1000)].into()));
    assert_eq!(world.mails.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_dry_run_sends_nothing_and_tells_what_it_would() {
    let world = world(30, 1);
    run(&sweeper(&world), r#"{"dryRun":true}"#).await.unwrap();
    assert!(world.sent.lock().unwrap().is_empty());
    let mails = world.mails.lock().unwrap();
    assert!(mails[0].body.contains("nothing: this was a dry run"), "{}", mails[0].body);
}

#[tokio::test]
async fn past_a_threshold_nothing_is_removed_and_what_is_missed_is_joined() {
    let world = world(30, 4);
    run(&sweeper(&world), REPAIR).await.unwrap();
    assert_eq!((world.gone(), world.looked_at()), (BTreeSet::new(), [id(1000)].into()));
    let allowed = World { sent: Default::default(), ..world };
    run(&sweeper(&allowed), r#"{"dryRun":false,"allowRemovals":4}"#).await.unwrap();
    assert_eq!(allowed.gone().len(), 4);
}

#[tokio::test]
async fn an_account_that_cannot_be_entered_concludes_nothing_and_the_others_are_swept() {
    let other = "222222222222";
    let mut world = world(30, 1);
    world.rows.push(Ok(row(other, &[REGION])));
    let foreign = |number| crate::items::Item { account: other.to_owned(), ..item(number, State::Joined) };
    world.items.extend((50..60).map(foreign));
    world.broken.insert(format!("instances {other}"));
    let (results, told) = run(&sweeper(&world), REPAIR).await.unwrap();
    assert_eq!((results[1].state.as_str(), told.outcome, told.count), ("failed", "failed", 1));
    assert_eq!(world.gone(), [id(0)].into());
    let mails = world.mails.lock().unwrap();
    assert!(mails[0].body.contains("222222222222 eu-central-1"), "{}", mails[0].body);
    assert!(mails[0].body.contains("AccessDenied"), "{}", mails[0].body);
}

#[tokio::test]
async fn an_empty_listing_keeps_its_computers_also_when_others_are_removed() {
    let other = "us-east-1";
    let mut world = world(30, 1);
    world.rows = vec![Ok(row(ACCOUNT, &[REGION, other]))];
    let there = |number| crate::items::Item { region: other.to_owned(), ..item(number, State::Joined) };
    world.items.extend((50..52).map(there));
    run(&sweeper(&world), REPAIR).await.unwrap();
    assert_eq!(world.gone(), [id(0)].into());
    assert!(world.mails.lock().unwrap()[0].body.contains("2 computers not removed"));
    let allowed = World { sent: Default::default(), ..world };
    run(&sweeper(&allowed), r#"{"dryRun":false,"allowRemovals":3}"#).await.unwrap();
    assert_eq!(allowed.gone(), [id(0), id(50), id(51)].into());
}

#[tokio::test]
async fn a_row_that_does_not_fit_is_a_place_that_was_not_swept() {
    let mut world = world(0, 0);
    let account = "222222222222".parse().unwrap();
    world.rows.push(Err(RowProblem { account, problem: "dnsIP1 is missing".to_owned() }));
    let (_, told) = run(&sweeper(&world), REPAIR).await.unwrap();
    assert_eq!((told.outcome, told.count), ("failed", 1));
    assert!(world.mails.lock().unwrap()[0].body.contains("dnsIP1 is missing"));
}

#[tokio::test]
async fn when_nothing_differs_nobody_is_told() {
    let mut world = world(30, 0);
    world.listed.get_mut(&named(ACCOUNT, REGION)).unwrap().pop();
    let (_, told) = run(&sweeper(&world), REPAIR).await.unwrap();
    assert_eq!(told.outcome, "done");
    assert!(world.mails.lock().unwrap().is_empty() && world.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn whoever_misspells_what_he_allows_sweeps_nothing() {
    let world = world(30, 1);
    let error = run(&sweeper(&world), r#"{"dryRun":false,"allowremovals":3}"#).await.unwrap_err();
    assert!(matches!(error, Error::Input(_)), "{error}");
}

/// The places' results, all good.
fn swept() -> Vec<PlaceResult> {
    let (reason, cause) = (String::new(), String::new());
    vec![PlaceResult { place: named(ACCOUNT, REGION), state: "swept".to_owned(), reason, cause }]
}

#[tokio::test]
async fn what_was_found_first_counts_however_often_a_step_is_repeated() {
    let first = world(30, 1);
    let mut other = world(30, 3);
    other.items.clear();
    let mut sweeper = sweeper(&first);
    let place = Some(named(ACCOUNT, REGION));
    sweeper.handle(&request(Step::List, REPAIR)).await.unwrap();
    sweeper.handle(&Request { place: place.clone(), ..request(Step::Sweep, REPAIR) }).await.unwrap();
    let with_results = |step| Request { results: swept(), ..request(step, REPAIR) };
    sweeper.handle(&with_results(Step::Decide)).await.unwrap();
    // A late try of the same step, which sees something else.
    sweeper.items = &other;
    sweeper.instances = &other;
    sweeper.handle(&Request { place, ..request(Step::Sweep, REPAIR) }).await.unwrap();
    for _ in 0..2 {
        sweeper.handle(&with_results(Step::Decide)).await.unwrap();
        sweeper.handle(&with_results(Step::Send)).await.unwrap();
    }
    assert_eq!(first.gone(), [id(0)].into());
}

#[tokio::test]
async fn nothing_is_sent_that_was_not_decided_on() {
    let world = world(30, 1);
    let sweeper = sweeper(&world);
    let asked = Request { results: swept(), ..request(Step::Send, REPAIR) };
    assert!(matches!(sweeper.handle(&asked).await, Err(Error::Unrecorded(_))));
    sweeper.handle(&request(Step::List, REPAIR)).await.unwrap();
    let place = Some(named(ACCOUNT, REGION));
    sweeper.handle(&Request { place, ..request(Step::Sweep, REPAIR) }).await.unwrap();
    // Decided without the place's result, and sent with it.
    sweeper.handle(&request(Step::Decide, REPAIR)).await.unwrap();
    sweeper.handle(&asked).await.unwrap();
    assert!(world.sent.lock().unwrap().is_empty());
    // A place of which the state machine says nothing was not swept.
    let told = sweeper.handle(&request(Step::Report, REPAIR)).await.unwrap();
    assert_eq!((told.outcome, told.count), ("failed", 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_error_or_an_empty_answer_never_says_that_something_is_gone(
        members in 1u64..40,
        broken in prop_oneof![
            Just(vec!["instances 111122223333"]), Just(vec!["objects"]), Just(vec![]),
        ],
    ) {
        let mut world = world(members, members);
        world.listed.clear();
        world.broken = broken.iter().map(|what| (*what).to_owned()).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (results, _) = runtime.block_on(run(&sweeper(&world), REPAIR)).unwrap();
        prop_assert!(world.sent.lock().unwrap().is_empty());
        prop_assert_eq!(results[0].state == "failed", !world.broken.is_empty());
        let mails = world.mails.lock().unwrap();
        prop_assert_eq!(mails.len(), 1);
        prop_assert!(!mails[0].body.contains("was asked"), "{}", mails[0].body);
    }

    #[test]
    fn no_more_is_removed_than_was_allowed_whatever_breaks_and_is_repeated(
        members in 0u64..60, gone in 0u64..60, allowed in proptest::option::of(0u64..60),
        breaks: bool, dry_run: bool,
    ) {
        let gone = gone.min(members);
        let mut world = world(members, gone);
        if breaks {
            world.broken.insert("queue".to_owned());
        }
        let allow = allowed.map_or(String::new(), |count| format!(r#","allowRemovals":{count}"#));
        let input = format!(r#"{{"dryRun":{dry_run}{allow}}}"#);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let first = sweeper(&world);
        let _ = runtime.block_on(run(&first, &input));
        let store = first.store;
        world.broken.clear();
        let second = crate::testing::Test { store, ..sweeper(&world) };
        for _ in 0..2 {
            let _ = runtime.block_on(run(&second, &input));
        }
        let sent = u64::try_from(world.gone().len()).unwrap();
        let most = allowed.unwrap_or_else(|| 20.min((members).div_ceil(10).max(1)));
        prop_assert!(sent <= most, "{sent} of {gone} in {members}, {most} allowed");
        prop_assert!(sent == 0 || sent == gone);
        prop_assert!(!dry_run || world.sent.lock().unwrap().is_empty());
    }
}
