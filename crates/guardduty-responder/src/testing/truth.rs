//! What really happens, kept apart from what the flow writes down; what must never happen is noticed on the spot.

use std::collections::{BTreeMap, BTreeSet};

use steward_core::directory::User;

use super::{State, World, walk_answer};
use crate::notice::Notice;
use crate::records::memory::typed;
use crate::records::{Containment, DecisionRecord, FindingRecord, Key, Status, finding_key};

/// What the world's passwords begin with.
pub(super) const PASSWORD: &str = "Pw-";

/// A `DisableUser` that changed something, or would have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effect {
    pub(crate) user: String,
    pub(crate) finding: String,
    pub(crate) execution: String,
}

#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// The finding of each execution of `contain-user`.
    pub(crate) findings: BTreeMap<String, String>,
    /// The user of each execution of `release-user`.
    pub(crate) releases: BTreeMap<String, String>,
    /// What each execution of `approve-containment` was started with.
    pub(crate) answers: BTreeMap<String, walk_answer::Said>,
    /// How many notices people have read.
    pub(crate) mails_read: usize,
    /// Findings about which a person's refusal is written down, and since when, counted in calls.
    pub(super) refused: BTreeMap<String, usize>,
    /// When users who are enabled were released, counted in calls.
    pub(super) released_at: BTreeMap<String, usize>,
    /// The executions that have ended, and how.
    pub(crate) ended: BTreeMap<String, String>,
    /// Whom a finding is about: his SID.
    pub(crate) about: BTreeMap<String, String>,
    pub(crate) effects: Vec<Effect>,
    /// Users whom others have disabled.
    pub(crate) others_touched: BTreeSet<String>,
    pub(crate) violations: Vec<String>,
    /// Who was seen disabled, and by an execution about which finding.
    seen_disabled: BTreeSet<(String, String)>,
    /// When the kill switch was turned on, counted in calls.
    switched_on: Option<usize>,
    /// When each user's account was replaced, counted in calls.
    replaced: BTreeMap<String, usize>,
    began: BTreeMap<u64, usize>,
}

impl Truth {
    pub(super) fn process_began(&mut self, process: u64, calls: usize) {
        self.began.insert(process, calls);
    }

    pub(super) fn saw(&mut self, execution: &str, name: &str, enabled: bool) {
        if let Some(finding) = self.findings.get(execution).filter(|_| !enabled) {
            self.seen_disabled.insert((name.to_owned(), finding.clone()));
        }
    }

    fn has_seen_disabled(&self, execution: &str, name: &str) -> bool {
        let finding = self.findings.get(execution);
        finding.is_none_or(|finding| self.seen_disabled.contains(&(name.to_lowercase(), finding.clone())))
    }

    /// When a process began, counted in calls.
    pub(super) fn began_at(&self, process: u64) -> usize {
        self.began.get(&process).copied().unwrap_or_default()
    }

    pub(super) fn switch_was_on_before(&self, process: u64) -> bool {
        self.switched_on.is_some_and(|at| at <= self.began_at(process))
    }
}

impl State {
    /// Looks at a notice at the moment in which it is sent: a containment is told only after somebody has read it back.
    pub(super) fn check_notice(&mut self, execution: &str, process: u64, notice: &Notice) {
        let rest = notice.subject.strip_prefix("[adsteward] ").unwrap_or_default();
        let (user, what) = rest.split_once(' ').unwrap_or_default();
        let told = what.starts_with("disabled:") || what.starts_with("disabled,");
        if told && !self.truth.has_seen_disabled(execution, user) {
            self.truth.violations.push(format!("told before it was read back: {}", notice.subject));
        }
        if told {
            self.check_claim(user, notice);
        }
        if what.starts_with("is still contained") {
            self.check_review(user, process, notice);
        }
        if notice.body.contains(PASSWORD) {
            self.truth.violations.push(format!("a notice shows a password: {}", notice.subject));
        }
    }
}

impl World {
    pub(crate) fn turn_kill_switch(&self, on: bool) {
        let mut state = self.state();
        state.kill_switch = on;
        state.truth.switched_on = on.then_some(state.calls);
        let line = format!("     {:>9} ms  the kill switch is {}", state.now, if on { "on" } else { "off" });
        state.trace.push(line);
    }

    /// Somebody deletes the account and makes another one of the same name.
    pub(crate) fn replace(&self, name: &str, sid: &str) {
        let mut state = self.state();
        let calls = state.calls;
        state.truth.replaced.insert(name.to_owned(), calls);
        if let Some(user) = state.users.get_mut(name) {
            *user = User { sid: sid.parse().unwrap(), enabled: true, ..user.clone() };
        }
        state.before.remove(name);
        let line = format!("     {:>9} ms  {name} is another account now", state.now);
        state.trace.push(line);
    }

    pub(super) fn ended(&self, execution: &str, end: String) {
        let mut state = self.state();
        let line = format!("     {:>9} ms  {execution:<8} ended: {end}", state.now);
        state.trace.push(line);
        state.truth.ended.insert(execution.to_owned(), end);
    }

    pub(super) fn item<T: serde::de::DeserializeOwned>(&self, key: &Key) -> Option<T> {
        typed(self.table.fetch(key).0).unwrap()
    }

    /// The decision records of an execution.
    pub(crate) fn decisions_of(&self, execution: &str) -> Vec<DecisionRecord> {
        let items = self.table.items().into_iter().filter(|(key, _)| key.sk.starts_with("decision#"));
        let records = items.map(|(_, item)| typed::<DecisionRecord>(Some(item)).unwrap().unwrap());
        records.filter(|record| record.execution == execution).collect()
    }

    /// Looks at an effect at the moment in which it happens.
    pub(super) fn check_effect(&self, user: &str) {
        let execution = self.actor.to_string();
        let Some(finding) = self.state().truth.findings.get(&execution).cloned() else {
            self.state().truth.others_touched.insert(user.to_owned());
            return;
        };
        let effect = Effect { user: user.to_owned(), finding: finding.clone(), execution: execution.clone() };
        let mut problems = self.missing_records(&effect);
        let records = self.decisions_of(&execution);
        let mut state = self.state();
        let truth = &state.truth;
        let began = truth.began_at(self.process);
        let sid = state.users.get(user).map(|user| user.sid.to_string());
        // Whom nothing proves a person names, and means who has the name when he answers.
        let named = records.iter().any(|record| record.reason == "approved-by-person");
        let replaced = truth.replaced.get(user).is_some_and(|at| *at >= began || named);
        if !replaced && truth.about.get(&finding).is_some_and(|about| Some(about) != sid.as_ref()) {
            problems.push(format!("the finding is about another SID than {sid:?}"));
        }
        if truth.effects.iter().any(|known| known.user == user && known.finding == finding) {
            problems.push("a second effect of the same finding".to_owned());
        }
        if truth.switch_was_on_before(self.process) {
            problems.push("the kill switch was on before the step began".to_owned());
        }
        let problems =
            problems.into_iter().map(|problem| format!("{user} disabled by {execution}: {problem}"));
        let problems: Vec<String> = problems.collect();
        state.truth.violations.extend(problems);
        state.truth.effects.push(effect);
    }

    /// What should be in the table before the directory is touched, and is not.
    fn missing_records(&self, effect: &Effect) -> Vec<String> {
        let mut problems = Vec::new();
        let sid = self.state().users.get(&effect.user).map(|user| user.sid.to_string());
        let decided = self.decisions_of(&effect.execution).into_iter().find(|record| {
            record.decision == "contain"
                && record.user.is_some()
                && record.who().to_lowercase() == effect.user
        });
        match decided {
            None => problems.push("no decision says so".to_owned()),
            Some(record) => {
                let needs_person = record.mode == "approve" || record.reason != "identity-proved";
                problems.extend(self.missing_consent(&effect.finding, needs_person));
            }
        }
        let (name, home) = effect.user.split_once('@').unwrap_or((&effect.user, "d-9067012345"));
        let key = Key { pk: format!("user#{home}#{name}"), sk: "containment".to_owned() };
        let held: Option<Containment> = self.item(&key);
        if !held.is_some_and(|held| held.status == Status::Contained) {
            problems.push("the user's item does not hold him contained".to_owned());
        }
        let item: FindingRecord = self.item(&finding_key(&effect.finding)).unwrap_or_default();
        if !item.acted.iter().any(|acted| Some(&acted.sid) == sid.as_ref()) {
            problems.push("the finding's item does not say so".to_owned());
        }
        if item.holder != effect.execution {
            problems.push(format!("{} holds the finding", item.holder));
        }
        problems
    }
}
