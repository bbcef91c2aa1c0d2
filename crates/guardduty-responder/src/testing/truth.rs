//! What really happens, kept apart from what the flow writes down; what must never happen is noticed on the spot.

use std::collections::{BTreeMap, BTreeSet};

use steward_core::directory::User;

use super::World;
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
    /// The executions that have ended, and how.
    pub(crate) ended: BTreeMap<String, String>,
    /// Whom a finding is about: his SID.
    pub(crate) about: BTreeMap<String, String>,
    pub(crate) effects: Vec<Effect>,
    /// Users whom others have disabled.
    pub(crate) others_touched: BTreeSet<String>,
    pub(crate) violations: Vec<String>,
    /// Users who were seen disabled since they were last enabled.
    seen_disabled: BTreeSet<String>,
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

    pub(super) fn saw(&mut self, user: &str, enabled: bool) {
        if !enabled {
            self.seen_disabled.insert(user.to_owned());
        }
    }

    pub(super) fn enabled(&mut self, user: &str) {
        self.seen_disabled.remove(user);
    }

    /// A containment is told only after somebody has read it back.
    pub(super) fn told(&mut self, notice: &Notice) {
        let about =
            notice.subject.strip_prefix("[adsteward] ").and_then(|text| text.split_once(" disabled: "));
        if let Some((user, _)) = about
            && !self.seen_disabled.contains(&user.to_lowercase())
        {
            self.violations.push(format!("told before it was read back: {}", notice.subject));
        }
        if notice.body.contains(PASSWORD) {
            self.violations.push(format!("a notice shows a password: {}", notice.subject));
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
        state.truth.enabled(name);
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
        let mut state = self.state();
        let truth = &state.truth;
        let began = truth.began.get(&self.process).copied().unwrap_or_default();
        let sid = state.users.get(user).map(|user| user.sid.to_string());
        let replaced_meanwhile = truth.replaced.get(user).is_some_and(|at| *at >= began);
        if !replaced_meanwhile && truth.about.get(&finding).is_some_and(|about| Some(about) != sid.as_ref()) {
            problems.push(format!("the finding is about another SID than {sid:?}"));
        }
        if truth.effects.iter().any(|known| known.user == user && known.finding == finding) {
            problems.push("a second effect of the same finding".to_owned());
        }
        if truth.switched_on.is_some_and(|at| at <= began) {
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
        let decided = self.decisions_of(&effect.execution).into_iter().any(|record| {
            record.decision == "contain" && record.user.is_some_and(|name| name.to_lowercase() == effect.user)
        });
        if !decided {
            problems.push("no decision says so".to_owned());
        }
        let key = Key { pk: format!("user#d-9067012345#{}", effect.user), sk: "containment".to_owned() };
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
