//! What really happens, kept apart from what the steps go by; what must never happen is noticed on the spot.

use std::collections::{BTreeMap, BTreeSet};

use super::World;
use super::scene::secret_text;
use super::secrets_manager::{CURRENT, PENDING};

/// What the world's passwords begin with.
pub(super) const PASSWORD: &str = "Pw-";

#[derive(Debug, Default)]
pub(crate) struct Truth {
    pub(crate) violations: Vec<String>,
    /// Whether the call that is being made is answered by a replica that is behind.
    pub(super) reads_stale: bool,
    pub(super) dead: BTreeSet<u64>,
    processes: u64,
    /// What each process has been told of the account in its step: enabled or not.
    looks: BTreeMap<u64, Vec<bool>>,
    /// Resets that enabled an account which was disabled after the step had looked: nothing can prevent them.
    pub(crate) races: usize,
    pub(crate) resets: usize,
    pub(crate) wrong_passwords: usize,
    /// Calls that went wrong.
    pub(crate) faults: usize,
}

impl Truth {
    pub(super) fn new_process(&mut self) -> u64 {
        self.processes += 1;
        self.processes
    }

    pub(super) fn processes(&self) -> usize {
        usize::try_from(self.processes).unwrap()
    }

    pub(super) fn looked(&mut self, process: u64, enabled: bool) {
        self.looks.entry(process).or_default().push(enabled);
    }

    pub(super) fn begin_step(&mut self, process: u64) {
        self.looks.remove(&process);
    }

    pub(super) fn looks_of(&self, process: u64) -> Vec<bool> {
        self.looks.get(&process).cloned().unwrap_or_default()
    }

    /// A text that leaves the function shows no password and no rotation token.
    pub(super) fn look_for_secrets(&mut self, text: &str) {
        if text.contains(PASSWORD) || text.contains("canary") {
            self.violations.push(format!("a secret is shown: {text}"));
        }
    }
}

impl World {
    /// Whether the password of a version that `counts` is the directory's.
    fn logs_in(&self, counts: impl Fn(&BTreeSet<&'static str>) -> bool) -> bool {
        let state = self.state();
        let text = secret_text(&state.account.password);
        state.versions.values().any(|version| counts(&version.labels) && version.text.as_ref() == Some(&text))
    }

    pub(crate) fn some_version_logs_in(&self) -> bool {
        self.logs_in(|_| true)
    }

    pub(crate) fn some_label_logs_in(&self) -> bool {
        self.logs_in(|labels| !labels.is_empty())
    }

    pub(crate) fn label_logs_in(&self, label: &str) -> bool {
        self.logs_in(|labels| labels.contains(label))
    }

    /// Lets a call have its effect. What a label led to before it still does afterwards.
    pub(super) fn happen<T>(&self, effect: impl FnOnce(&Self) -> T) -> T {
        let before = self.some_label_logs_in();
        let answer = effect(self);
        let mut state = self.state();
        let alone = !state.scheduled;
        drop(state);
        if alone && before && !self.some_label_logs_in() {
            state = self.state();
            state.truth.violations.push("no label leads to the directory's password any more".to_owned());
        }
        answer
    }

    /// Before the directory is given a password.
    pub(super) fn check_reset(&self, password: &str, looks: &[bool]) {
        let is = |label: &str, password: &str| {
            let text = Some(secret_text(password));
            self.state().versions.values().any(|v| v.labels.contains(label) && v.text == text)
        };
        let stored = self.state().versions.values().any(|v| v.text == Some(secret_text(password)));
        let in_force = self.state().account.password.clone();
        let undoes_a_right_one = is(CURRENT, password) && is(PENDING, &in_force) && in_force != password;
        let mut state = self.state();
        state.truth.resets += 1;
        if !stored {
            state.truth.violations.push("a password was set that no version holds".to_owned());
        }
        if undoes_a_right_one && !state.scheduled {
            state
                .truth
                .violations
                .push("a rotation was undone although its password was in force".to_owned());
        }
        if !state.account.enabled {
            if looks.contains(&false) || !looks.contains(&true) {
                state.truth.violations.push("a disabled account was enabled".to_owned());
            } else {
                state.truth.races += 1;
            }
        }
    }

    /// After AWSCURRENT was moved.
    pub(super) fn check_current_logs_in(&self, label: &str) {
        if label == CURRENT && !self.label_logs_in(CURRENT) && !self.state().scheduled {
            self.state()
                .truth
                .violations
                .push("AWSCURRENT was moved to a password that does not log in".to_owned());
        }
    }
}
