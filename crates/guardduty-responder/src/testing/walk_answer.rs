//! The state machine `approve-containment`, and the people who start it: they read their mail, and answer or do not.

use serde_json::{Value, json};

use super::World;
use super::machine::{Ended, task, tell_that_it_failed};
use crate::approval::{Outcome, Request, Step};
use crate::clock;
use crate::home::full_name;
use crate::notice::Notice;
use crate::records::{Caller, Verdict, caller_key, memory};

/// What a person does when he is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Person {
    Approves,
    Refuses,
    /// The user answers about himself, and approves or refuses.
    IsTheUser,
    Sleeps,
}

/// An answer that somebody has given.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) question: String,
    pub(crate) verdict: Verdict,
    pub(crate) caller: String,
}

/// What a notice asks: the question's name, the finding, and the user if one is proved.
struct Question {
    id: String,
    user: String,
}

/// Reads the question as the person does, from the command in the notice.
fn question(world: &World, notice: &Notice) -> Option<Question> {
    let member = |name: &str| {
        let (_, rest) = notice.body.split_once(&format!("\"{name}\":\""))?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    let id = member("approval")?;
    let user = member("user").filter(|user| user != "NAME");
    let user = user.map(|user| full_name(&user, member("domain").as_deref()));
    let state = world.state();
    let mut findings = state.truth.about.iter();
    let (_, sid) = findings.find(|(finding, _)| notice.body.contains(finding.as_str()))?;
    let behind = state.users.iter().find(|(_, user)| user.sid.as_str() == sid).map(|(name, _)| name.clone());
    Some(Question { id, user: user.or(behind)? })
}

/// The world's people: one of them reads each notice, and answers each question in his own time, until no execution is
/// left that could ask.
pub(crate) async fn answer_questions(world: World) {
    while world.asks_still() {
        let read = world.state().truth.mails_read;
        let news = world.state().mails.get(read).cloned();
        let Some(notice) = news else {
            world.wait(10_000).await;
            continue;
        };
        world.state().truth.mails_read += 1;
        let Some(question) = question(&world, &notice) else { continue };
        let person = {
            let people = world.state().people.clone();
            *world.state().random.pick(&people)
        };
        let (verdict, caller) = match person {
            Person::Sleeps => continue,
            Person::Approves => (Verdict::Approve, "eve"),
            Person::Refuses => (Verdict::Refuse, "mallory"),
            Person::IsTheUser => (Verdict::Approve, question.user.as_str()),
        };
        let patience = world.state().patience.max(1);
        world.wait(world.below(patience)).await;
        let execution = format!("arn:a:{}", world.state().truth.answers.len() + 1);
        start(&world, &question, verdict, caller, &execution).await;
    }
}

/// CloudTrail has told already who started an execution: the looks before that are all the same.
pub(crate) fn know_who_asks(world: &World, execution: &str, caller: &str) {
    let arn = caller.to_owned();
    let caller = Caller { arn, time: String::new(), source_ip: String::new(), names: Vec::new() };
    memory::put(&world.table, &caller_key(execution), &caller);
}

impl World {
    fn asks_still(&self) -> bool {
        let state = self.state();
        state.truth.findings.keys().any(|execution| !state.truth.ended.contains_key(execution))
    }
}

/// Somebody answers; the execution runs to whatever end, which it notes.
async fn start(world: &World, question: &Question, verdict: Verdict, caller: &str, execution: &str) {
    let caller = format!("arn:aws:iam::111122223333:user/{caller}");
    let said = Said { question: question.id.clone(), verdict, caller: caller.clone() };
    world.state().truth.answers.insert(execution.to_owned(), said);
    world.record_start("APPROVE_STATE_MACHINE_ARN", execution, &caller);
    if world.state().callers_known {
        know_who_asks(world, execution, &caller);
    }
    let word = if verdict == Verdict::Approve { "approve" } else { "refuse" };
    let (name, domain) = match question.user.split_once('@') {
        Some((name, domain)) => (name, Some(domain)),
        None => (question.user.as_str(), None),
    };
    let input = json!({
        "version": 1, "approval": question.id, "answer": word, "user": name, "domain": domain, "reason": "seen",
    });
    let acting = world.acting_as(execution);
    let started_at = clock::iso(clock::now());
    let walk = Execution { world: &acting, started_at, input: &input, name: execution };
    let end = match walk.steps().await {
        Ok(()) => "Done".to_owned(),
        Err(ended) => {
            if !matches!(ended, Ended::Silently) {
                tell_that_it_failed(&acting).await;
            }
            format!("{ended:?}")
        }
    };
    world.ended(execution, end);
}

struct Execution<'a> {
    world: &'a World,
    started_at: String,
    input: &'a Value,
    name: &'a str,
}

impl Execution<'_> {
    /// The states in execution order.
    async fn steps(&self) -> Result<(), Ended> {
        self.step(Step::Check).await?;
        while self.step(Step::Answer).await?.outcome == "waiting" {
            self.world.wait(3000).await;
        }
        Ok(())
    }

    async fn step(&self, step: Step) -> Result<Outcome, Ended> {
        let request = Request {
            step,
            execution: self.name.to_owned(),
            started_at: self.started_at.clone(),
            input: self.input.clone(),
        };
        task(self.world, |process| {
            let approver = process.approver();
            let request = request.clone();
            Box::pin(async move { approver.handle(request).await })
        })
        .await
    }
}
