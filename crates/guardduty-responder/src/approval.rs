//! The steps of the state machine `approve-containment`: a person's answer to a question of `contain-user`.
//!
//! It has no power over the directory. The answer goes into the decision table, with the caller whom CloudTrail names;
//! then the execution that waits is woken, and acts by what the table says.

mod config;
mod request;
mod wake;

use std::fmt;

use steward_core::ids::UserName;
use steward_core::metrics::Metrics;

pub use config::Config;
pub use request::{Outcome, Request, Step, Wish};
pub use wake::{StepFunctions, Wake, WakeError, Woken};

use crate::caller;
use crate::clock;
use crate::error::Error;
use crate::home::full_name;
use crate::metric::Metric;
use crate::records::{self, Answer, Approval, Store, Table, Verdict, approval_key};

/// Everything that the steps act on.
#[derive(Debug)]
pub struct Approver<S, W> {
    /// The decision table.
    pub store: S,
    /// The executions that wait.
    pub wake: W,
    /// Where outcomes are counted.
    pub metrics: Metrics,
    /// The configuration.
    pub config: Config,
}

/// The approver as the function runs it.
pub type Live = Approver<Table, StepFunctions>;

impl<S: Store + Sync, W: Wake + Sync> Approver<S, W> {
    /// Does one step.
    ///
    /// # Errors
    /// [`Error::Input`] and [`Error::AnswerRefused`] say what to do; transient errors are worth repeating.
    pub async fn handle(&self, request: Request) -> Result<Outcome, Error> {
        let wish = request.wish()?;
        let question = self.question(&wish.approval).await?;
        let subject = subject(&question, &wish)?;
        let outcome = match request.step {
            Step::Check => Outcome::new("checked"),
            Step::Answer => self.answer(&request, &wish, subject).await?,
        };
        tracing::info!(approval.id = wish.approval, step = ?request.step, outcome = outcome.outcome, "step done");
        Ok(outcome)
    }

    async fn question(&self, id: &str) -> Result<Approval, Error> {
        let (question, _) = self.store.read::<Approval>(&approval_key(id)).await?;
        question.ok_or_else(|| {
            Error::AnswerRefused(format!("there is no question {id}: copy the command from the notice"))
        })
    }

    async fn answer(
        &self,
        request: &Request,
        wish: &Wish,
        subject: Option<Subject>,
    ) -> Result<Outcome, Error> {
        let patience = self.config.caller_wait_seconds;
        let learned = caller::learn(&self.store, &request.execution, &request.started_at, patience).await?;
        let caller =
            learned.judge(subject.as_ref().map(|subject| &subject.user)).map_err(Error::AnswerRefused)?;
        let Some(caller) = caller else { return Ok(Outcome::new("waiting")) };
        let given = Answer {
            verdict: wish.verdict,
            user: subject.as_ref().map(|subject| subject.user.to_string()),
            domain: subject.and_then(|subject| subject.domain),
            caller: caller.arn,
            reason: wish.reason.clone(),
            at: clock::iso(clock::now()),
            execution: request.execution.clone(),
        };
        let question = records::answer(&self.store, &wish.approval, &given).await?;
        let question = question.map_err(Error::AnswerRefused)?;
        // Without a token the execution has stopped waiting and has the answer from the table.
        if let Some(token) = &question.token {
            let woken = self.wake.wake(token).await?;
            tracing::info!(approval.id = wish.approval, woken = ?woken, "answered");
        }
        self.metrics.count(match wish.verdict {
            Verdict::Approve => Metric::Approved,
            Verdict::Refuse => Metric::RefusedByPerson,
        });
        Ok(Outcome::new("answered"))
    }
}

/// Whom an answer is about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Subject {
    user: UserName,
    domain: Option<String>,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&full_name(self.user.as_str(), self.domain.as_deref()))
    }
}

impl Subject {
    /// The same name in another domain is somebody else.
    fn is(&self, other: &Self) -> bool {
        self.user.same_as(other.user.as_str()) && self.domain == other.domain
    }
}

/// The user that the answer is about. An approval names exactly the proved user or, where none is proved, any user; a
/// refusal may leave him out.
fn subject(question: &Approval, wish: &Wish) -> Result<Option<Subject>, Error> {
    let proved: Option<UserName> = question.user.as_deref().and_then(|name| name.parse().ok());
    let proved = proved.map(|user| Subject { user, domain: question.domain.clone() });
    let named = wish.user.clone().map(|user| Subject { user, domain: wish.domain.clone() });
    match (proved, named) {
        (Some(proved), Some(named)) if !proved.is(&named) => Err(Error::AnswerRefused(format!(
            "question {} is about {proved}, not about {named}: copy the command from the notice",
            question.id
        ))),
        (Some(proved), _) => Ok(Some(proved)),
        (None, None) if wish.verdict == Verdict::Approve => {
            Err(Error::AnswerRefused("user is missing: nobody is proved, so say whom to disable".to_owned()))
        }
        (None, named) => Ok(named),
    }
}

#[cfg(test)]
mod tests;
