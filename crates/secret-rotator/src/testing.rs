//! A small world in memory for the tests: Secrets Manager, a directory with its KDC, a topic, a clock. Each call can go
//! wrong in every way of the fault model ([`Fault`]), and processes can take turns at every call; what must never
//! happen is noticed where it happens ([`truth`]).

mod directory;
mod faults;
mod logs;
mod random;
mod rotation;
mod scene;
mod secrets_manager;
mod truth;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use steward_core::directory::DirectoryKind;
use steward_core::metrics::Metrics;
use steward_core::notice::{Notice, NoticeError, Notices};

use crate::clock::Clock;
use crate::config::Config;
use crate::guesses::Guesses;
use crate::handler::Rotator;

pub(crate) use directory::Account;
pub(crate) use faults::{Fault, Faults};
pub(crate) use logs::Logs;
pub(crate) use random::Random;
pub(crate) use rotation::{End, Process, rotate, run};
pub(crate) use scene::{A, B, F, P, T, THRESHOLD, password_of, secret_text, variables};
pub(crate) use secrets_manager::{CURRENT, PENDING, PREVIOUS, Version};

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) versions: BTreeMap<String, Version>,
    /// What a reader sees that the last change has not reached.
    versions_before: BTreeMap<String, Version>,
    pub(crate) rotation_is_off: bool,
    /// Passwords to be drawn, before any other.
    pub(crate) draws: Vec<String>,
    drawn: u32,

    pub(crate) kind: DirectoryKind,
    pub(crate) account: Account,
    account_before: Account,
    /// When the account was changed last.
    changed_at: u64,
    /// Until then the domain controller that is asked about passwords has not heard of the last change.
    pub(crate) behind_until: u64,
    /// Passwords of which the policy refuses the length.
    pub(crate) shortest: usize,
    /// Clients that the domain locks out after so many wrong passwords; never for 0.
    pub(crate) threshold: usize,

    pub(crate) mails: Vec<Notice>,

    /// Milliseconds since the world began.
    pub(crate) now: u64,
    pub(crate) calls: usize,
    pub(crate) operations: Vec<&'static str>,
    pub(crate) faults: Faults,
    throttled: BTreeMap<&'static str, u32>,
    late: Vec<faults::Late>,
    pub(crate) scheduled: bool,
    pub(crate) random: Random,
    pub(crate) trace: Vec<String>,
    pub(crate) truth: truth::Truth,
}

/// The world; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct World {
    state: Arc<Mutex<State>>,
    /// The process that makes the calls.
    process: u64,
}

pub(crate) type Worldly = Rotator<World, World, World, World, World>;

impl World {
    /// A secret with one version, AWSCURRENT, whose password the directory has.
    pub(crate) fn new() -> Self {
        Self::of(DirectoryKind::ManagedMicrosoftAd)
    }

    pub(crate) fn of(kind: DirectoryKind) -> Self {
        let account = Account { password: scene::password_of(A), ..Account::default() };
        let current =
            Version { text: Some(secret_text(&account.password)), labels: BTreeSet::from([CURRENT]) };
        let versions = BTreeMap::from([(A.to_owned(), current)]);
        let state = State {
            versions_before: versions.clone(),
            versions,
            rotation_is_off: false,
            draws: Vec::new(),
            drawn: 0,
            kind,
            account_before: account.clone(),
            account,
            changed_at: 0,
            behind_until: 0,
            shortest: 8,
            threshold: THRESHOLD,
            mails: Vec::new(),
            now: 3_600_000,
            calls: 0,
            operations: Vec::new(),
            faults: Faults::None,
            throttled: BTreeMap::new(),
            late: Vec::new(),
            scheduled: false,
            random: Random::new(0),
            trace: Vec::new(),
            truth: truth::Truth::default(),
        };
        Self { state: Arc::new(Mutex::new(state)), process: 0 }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// A process of its own, which has tried no password yet.
    pub(crate) fn rotator(&self) -> Worldly {
        self.rotator_with(&[])
    }

    pub(crate) fn rotator_with(&self, changes: &[(&str, &str)]) -> Worldly {
        let config = Config::read(variables(changes)).unwrap();
        let process = self.state().truth.new_process();
        let world = Self { process, ..self.clone() };
        Rotator {
            secrets: world.clone(),
            directories: world.clone(),
            passwords: world.clone(),
            notices: world.clone(),
            clock: world,
            guesses: Guesses::new(config.lockout_threshold),
            metrics: Metrics::writing_to("secret-rotator".to_owned(), Box::new(std::io::sink())),
            config,
        }
    }
}

impl Notices for World {
    async fn publish(&self, notice: &Notice) -> Result<(), NoticeError> {
        let notice = notice.clone();
        let answer = self.call("Publish", move |world| {
            let mut state = world.state();
            state.truth.look_for_secrets(&format!("{notice:?}"));
            state.mails.push(notice);
        });
        answer.await.ok_or_else(NoticeError::injected)
    }
}

impl Clock for World {
    fn now(&self) -> Duration {
        Duration::from_millis(self.state().now)
    }

    async fn wait(&self, time: Duration) {
        self.pass_time(u64::try_from(time.as_millis()).unwrap());
    }
}
