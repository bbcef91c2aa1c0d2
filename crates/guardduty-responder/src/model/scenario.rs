//! What happens in a seed's world: findings, their copies and updates, releases, a kill switch, other people's deeds.

use serde_json::{Value, json};
use steward_core::directory::{ClientToken, Directory};

use crate::systems_manager::Reply;
use crate::testing::{
    Ending, Faults, Person, Random, Schedule, World, answer_about, answer_questions, ask_for_release,
    contain, event_about, finding_arn, of_partner, partner_sid, partner_uid, sid, uid, work_on_the_queue,
};

/// Within this time everything begins.
const SPAN_MILLISECONDS: u64 = 1_800_000;

/// Whom findings are about.
const SUBJECTS: [(&str, &str, u32); 4] =
    [("f1", "alice", 1104), ("f2", "alice", 1104), ("f3", "bob", 1105), ("f4", "Admin", 1106)];

/// Whom they are about besides where there is a trusted domain.
const THEIR_SUBJECTS: [(&str, &str, u32); 2] =
    [("f5", "alice@partner.example.test", 1104), ("f6", "chief@partner.example.test", 1107)];

/// A world that follows from a seed.
pub(super) struct Scenario {
    pub(super) world: World,
    /// The last update of each finding.
    pub(super) last: Vec<Value>,
    pub(super) has_faults: bool,
    schedule: Schedule,
    random: Random,
}

impl Scenario {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let world = World::new();
        world.state().random = Random::new(seed ^ 0x5eed);
        if seed.is_multiple_of(3) {
            world.trust();
        }
        let schedule = Schedule::new(&world);
        let has_faults = !seed.is_multiple_of(4);
        if has_faults {
            let per_mille = *random.pick(&[5, 20, 80]);
            let left = *random.pick(&[1, 2, 4]);
            world.state().faults = Faults::Random { per_mille, left };
        }
        let mut scenario = Self { world, last: Vec::new(), has_faults, schedule, random };
        scenario.configure();
        scenario.deliver();
        scenario.people_act();
        for _ in 0..2 {
            let worker = work_on_the_queue(scenario.world.clone());
            scenario.schedule.add(0, worker);
        }
        scenario
    }

    pub(super) async fn run(&mut self) {
        self.schedule.run().await;
    }

    /// The stack's mode and budget, the people who are asked, and how instances take commands.
    fn configure(&mut self) {
        let approve = self.random.chance(300);
        let scarce = self.random.chance(150);
        let reviewed = self.random.chance(200);
        let absent = self.random.chance(150);
        let random = &mut self.random;
        let people = [Person::Approves, Person::Approves, Person::Refuses, Person::IsTheUser, Person::Sleeps];
        let people = (0..2).map(|_| *random.pick(&people)).collect();
        let patience = *random.pick(&[60_000, 300_000, 1_200_000]);
        let endings =
            Ending::ALL.into_iter().filter(|_| random.chance(400)).chain([Ending::Complete]).collect();
        let mut state = self.world.state();
        // Shorter than the leases that run out when everything comes to rest.
        state.settings.push(("APPROVAL_SECONDS", "600"));
        if approve {
            state.settings.push(("MODE", "approve"));
        }
        if scarce {
            state.settings.push(("HOURLY_BUDGET", "1"));
        }
        if reviewed {
            state.settings.push(("REVIEW_AFTER_SECONDS", "7200"));
        }
        (state.people, state.patience, state.ending_choice) = (people, patience, endings);
        state.agent_absent = absent;
        drop(state);
        if absent {
            let world = self.world.clone();
            self.later(async move { world.state().agent_absent = false });
        }
        self.schedule.add(0, answer_questions(self.world.clone()));
    }

    /// From 1 to 50 copies and updates of up to four findings, in any order.
    fn deliver(&mut self) {
        let copies = match self.random.below(10) {
            0 => 50,
            1..=3 => 10 + self.random.below(10),
            _ => 1 + self.random.below(6),
        };
        let together = self.random.chance(300);
        let theirs: &[_] = if self.world.state().trusted.is_empty() { &[] } else { &THEIR_SUBJECTS };
        let subjects: Vec<_> =
            SUBJECTS.iter().chain(theirs).filter(|(id, ..)| *id == "f1" || self.random.chance(350)).collect();
        for (id, name, relative_id) in &subjects {
            let mut state = self.world.state();
            let (user, theirs) = name.split_once('@').map_or((*name, false), |(user, _)| (user, true));
            let answer = answer_about(user, *relative_id);
            let (answer, uid, sid) = match theirs {
                true => {
                    (of_partner(&answer, *relative_id), partner_uid(*relative_id), partner_sid(*relative_id))
                }
                false => (answer, uid(*relative_id), sid(*relative_id)),
            };
            state.truth.about.insert(finding_arn(id), sid);
            state.replies_about.insert(uid, Reply::Output(format!("{answer}\n")));
            drop(state);
            self.last.push(update(id, name, *relative_id, 59));
        }
        for copy in 0..copies {
            let (id, name, relative_id) = self.random.pick(&subjects);
            let event = update(id, name, *relative_id, self.random.below(6));
            let after = if together { self.random.below(200) } else { self.random.below(SPAN_MILLISECONDS) };
            let responder = self.world.responder();
            self.schedule.add(after, contain(responder, event, format!("arn:x:{copy}")));
        }
    }

    fn people_act(&mut self) {
        for (execution, chance) in [("arn:r:1", 500), ("arn:r:2", 200)] {
            if self.random.chance(chance) {
                let release = ask_for_release(self.world.clone(), "alice".to_owned(), execution.to_owned());
                self.later(release);
            }
        }
        if !self.world.state().trusted.is_empty() && self.random.chance(400) {
            let (theirs, execution) = (THEIR_SUBJECTS[0].1.to_owned(), "arn:r:3".to_owned());
            self.later(ask_for_release(self.world.clone(), theirs, execution));
        }
        if self.random.chance(250) {
            let world = self.world.clone();
            let minutes = self.random.below(10);
            self.later(async move {
                world.turn_kill_switch(true);
                world.acting_as("someone").wait(minutes * 60_000).await;
                world.turn_kill_switch(false);
            });
        }
        if self.random.chance(60) {
            let world = self.world.clone();
            self.later(async move { world.replace("alice", &sid(1199)) });
        }
        if self.random.chance(100) {
            let admin = self.world.acting_as("admin");
            self.later(async move {
                // Whatever becomes of it: adsteward has to live with it.
                let _ = admin.disable(&"bob".parse().unwrap(), &ClientToken::new("admin")).await;
            });
        }
    }

    fn later(&mut self, process: impl Future<Output = ()> + Send + 'static) {
        let after = self.random.below(SPAN_MILLISECONDS);
        self.schedule.add(after, process);
    }
}

fn update(id: &str, name: &str, relative_id: u32, minute: u64) -> Value {
    let mut event = match name.split_once('@') {
        Some((user, _)) => of_partner(&event_about(id, user, relative_id), relative_id),
        None => event_about(id, name, relative_id),
    };
    event["detail"]["updatedAt"] = json!(format!("2026-11-21T02:{minute:02}:00.000Z"));
    event
}
