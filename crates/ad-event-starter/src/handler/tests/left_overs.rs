//! What cannot be started goes to the queue, and comes back from there.

use super::*;

const LONG: Duration = Duration::from_secs(60);

async fn log_within(world: &World, records: &[Record], time_left: Duration) -> BTreeMap<&'static str, u64> {
    match world.starter().handle(trigger(&xml(records)), time_left).await.unwrap() {
        Answer::Counts(counts) => counts,
        Answer::Failures(failures) => panic!("{failures:?}"),
    }
}

/// Lets the function work on its left-overs; the ids of those that go back.
async fn receive_left_overs(world: &World) -> Vec<String> {
    let bodies = std::mem::take(&mut world.state().queue);
    world.receive(&bodies).await
}

fn calls_and_queue(world: &World) -> (usize, usize) {
    let state = world.state();
    (state.calls, state.queue.len())
}

fn created(numbers: std::ops::Range<u32>) -> Vec<Record> {
    numbers.map(Record::created).collect()
}

#[tokio::test]
async fn a_throttled_start_is_tried_again() {
    let world = World::default();
    world.state().throttled = 20;
    let counts = log_within(&world, &created(0..10), LONG).await;
    assert_eq!(counts, BTreeMap::from([("Started", 10)]));
    let state = world.state();
    assert_eq!((state.started.len(), state.calls, state.queue.len()), (10, 30, 0));
}

#[tokio::test]
async fn what_stays_throttled_is_deferred_and_started_from_the_queue() {
    let world = World::default();
    world.state().throttled = 30;
    let counts = log_within(&world, &created(0..10), LONG).await;
    assert_eq!(counts, BTreeMap::from([("Deferred", 10)]));
    assert_eq!(world.state().calls, 30, "three rounds, and no more");
    assert!(receive_left_overs(&world).await.is_empty());
    assert_eq!(world.users(Machine::Onboard), users(0..10));
}

#[tokio::test]
async fn a_start_that_is_refused_is_not_repeated_but_deferred() {
    let world = World::default();
    world.state().refused.insert(user(3));
    let counts = log_within(&world, &created(0..10), LONG).await;
    assert_eq!(counts, BTreeMap::from([("Started", 9), ("Deferred", 1)]));
    assert_eq!(calls_and_queue(&world), (10, 1));
    assert_eq!(
        receive_left_overs(&world).await,
        ["m0"],
        "it goes back, and in the end to the dead-letter queue"
    );
}

#[tokio::test]
async fn a_start_whose_answer_was_lost_is_not_started_twice() {
    let world = World::default();
    world.state().lost_answers = 5;
    let counts = log_within(&world, &created(0..10), LONG).await;
    assert_eq!(counts, BTreeMap::from([("Started", 10)]));
    assert_eq!(world.state().started.len(), 10);
}

#[tokio::test]
async fn it_stops_with_a_fifth_of_its_time_left() {
    let world = World::default();
    world.state().call_takes = Duration::from_millis(50);
    let began = std::time::Instant::now();
    let counts = log_within(&world, &created(0..300), Duration::from_millis(1000)).await;
    assert!(began.elapsed() < Duration::from_millis(1000), "{:?}", began.elapsed());
    let (started, deferred) = (counts["Started"], counts["Deferred"]);
    assert!(started >= 20 && deferred >= 20 && started + deferred == 300, "{counts:?}");
    world.state().call_takes = Duration::ZERO;
    assert!(receive_left_overs(&world).await.is_empty());
    assert_eq!(world.users(Machine::Onboard), users(0..300));
}

#[tokio::test]
async fn without_time_everything_is_deferred() {
    let world = World::default();
    let records = [Record::created(1), Record::of(4722, 2), Record::of(4725, 3)];
    let counts = log_within(&world, &records, Duration::ZERO).await;
    assert_eq!(counts["Deferred"], 3);
    assert_eq!(calls_and_queue(&world), (0, 3));
}

#[tokio::test]
async fn a_call_that_hangs_costs_no_more_than_the_time_there_is() {
    let world = World::default();
    world.state().call_takes = LONG;
    let counts = log_within(&world, &created(0..3), Duration::from_millis(100)).await;
    assert_eq!(counts, BTreeMap::from([("Deferred", 3)]));
}

#[tokio::test]
async fn ten_calls_are_under_way_at_a_time() {
    let world = World::default();
    world.state().call_takes = Duration::from_millis(2);
    log_within(&world, &created(0..60), LONG).await;
    assert_eq!(world.state().most_under_way, 10);
}

#[tokio::test]
async fn a_table_that_fails_defers_what_needs_it() {
    let world = World::default();
    world.state().table_fails = true;
    let records = [Record::created(1), Record::of(4722, 2), Record::of(4725, 3)];
    let counts = log_within(&world, &records, LONG).await;
    assert_eq!(counts, BTreeMap::from([("Deferred", 2), ("Started", 1)]));
    assert_eq!(world.users(Machine::Offboard), users([3]));
    world.state().table_fails = false;
    world.remember(2, "off-boarded");
    assert!(receive_left_overs(&world).await.is_empty());
    assert_eq!(world.users(Machine::Onboard), users([1, 2]));
}

/// Lambda repeats the invocation, and sends the batch to the dead-letter queue in the end.
#[tokio::test]
async fn what_can_be_neither_started_nor_deferred_fails_the_invocation() {
    let world = World::default();
    world.state().queue_fails = true;
    world.state().refused.insert(user(1));
    let messages = xml(&[Record::created(1), Record::created(2)]);
    let error = world.log(&messages).await.unwrap_err();
    assert_eq!(
        lambda_runtime::Diagnostic::from(error).error_message,
        "1 records could neither be started nor deferred: SendMessageBatch failed: by the test"
    );
    assert_eq!(world.users(Machine::Onboard), users([2]), "its siblings are started");
    world.state().refused.clear();
    world.state().queue_fails = false;
    world.log(&messages).await.unwrap();
    assert_eq!(world.users(Machine::Onboard), users([1, 2]));
}

#[tokio::test]
async fn a_left_over_keeps_its_turn() {
    let world = World::default();
    world.state().refused.insert(user(1));
    log_within(&world, &created(0..5), LONG).await;
    let turn = world.state().queue[0]["input"]["notBefore"].clone();
    let next = world.next_turn();
    world.state().refused.clear();
    assert!(receive_left_overs(&world).await.is_empty());
    assert_eq!(world.turns().len(), 5);
    let state = world.state();
    let of_user = state.started.values().find(|(_, input)| input["user"] == user(1)).unwrap();
    assert_eq!(of_user.1["notBefore"], turn);
    drop(state);
    assert_eq!(world.next_turn(), next, "it takes no second one");
}
