//! What people have said, kept apart from what the flow writes down of it.

use super::World;
use crate::notice::Notice;
use crate::records::memory::typed;
use crate::records::{Approval, Key, Verdict};

impl World {
    /// Looks at each write of a question: an answer is what somebody has really said, and stays.
    pub(super) fn check_answer(&self, key: &Key, before: Option<Approval>, after: &Approval) {
        let answer = before.and_then(|before| before.answer);
        if answer.is_some() && answer == after.answer {
            return;
        }
        let mut state = self.state();
        if answer.is_some() {
            state.truth.violations.push(format!("the answer to {} was changed", key.pk));
        }
        let Some(given) = &after.answer else { return };
        let said = state.truth.answers.get(&given.execution);
        let really = said.is_some_and(|said| {
            said.question == after.id && said.verdict == given.verdict && said.caller == given.caller
        });
        if !really && !state.truth.answers.is_empty() {
            state.truth.violations.push(format!("nobody has given the answer to {}: {given:?}", key.pk));
        }
        let himself = after
            .user
            .iter()
            .chain(&given.user)
            .any(|user| given.caller.to_lowercase().ends_with(&format!("/{}", user.to_lowercase())));
        if himself {
            state.truth.violations.push(format!("{} has answered about himself", given.caller));
        }
        if given.verdict == Verdict::Refuse {
            let calls = state.calls;
            state.truth.refused.entry(after.finding_arn.clone()).or_insert(calls);
        }
    }

    /// Whether a person has to have approved what this execution decided, and did; and nobody has refused it.
    pub(super) fn missing_consent(&self, finding: &str, needs_person: bool) -> Option<String> {
        let state = self.state();
        let began = state.truth.began_at(self.process);
        if state.truth.refused.get(finding).is_some_and(|at| *at <= began) {
            return Some("a person has refused it".to_owned());
        }
        drop(state);
        let questions = self.table.items().into_iter().filter(|(key, _)| key.sk == "approval");
        let mut answers = questions
            .filter_map(|(_, item)| typed::<Approval>(Some(item)).unwrap())
            .filter(|question| question.finding_arn == finding)
            .filter_map(|question| question.answer);
        let approved = answers.any(|answer| answer.verdict == Verdict::Approve);
        (needs_person && !approved).then(|| "nobody has approved it".to_owned())
    }
}

impl super::State {
    /// Whether to keep a user contained is asked only about one who is.
    pub(super) fn check_review(&mut self, user: &str, process: u64, notice: &Notice) {
        let began = self.truth.began_at(process);
        if self.truth.released_at.get(&user.to_lowercase()).is_some_and(|at| *at <= began) {
            self.truth.violations.push(format!("asked about a user who was released: {}", notice.subject));
        }
    }
}
