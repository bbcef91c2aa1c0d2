//! What an instance makes of a command that ends sessions, and what may be said of it.

use serde_json::json;

use super::scene::{INSTANCE, report_about, uid_of};
use super::{State, World};
use crate::home::full_name;
use crate::notice::Notice;
use crate::reason::Doubt;
use crate::systems_manager::{Asked, Reply, SessionOwner};

/// A process that would not end.
const STUBBORN: (u32, &str) = (4711, "kworkerd");

/// How a command that ends sessions turns out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Everything is ended.
    Complete,
    /// A process would not end, and says so.
    Partial,
    /// The instance refuses: it does not know the user id.
    Refused,
    /// The command fails there.
    Failed,
    /// It is cancelled, or not delivered.
    Cancelled,
    /// What it writes has not the agreed form.
    Garbled,
    /// It does not end.
    Silent,
    /// The agent is gone: there is no command.
    AgentLost,
}

impl Ending {
    pub(crate) const ALL: [Self; 8] = [
        Self::Complete,
        Self::Partial,
        Self::Refused,
        Self::Failed,
        Self::Cancelled,
        Self::Garbled,
        Self::Silent,
        Self::AgentLost,
    ];

    fn reply(self, owner: &SessionOwner) -> Reply {
        let mut report = report_about(owner.uid);
        match self {
            Self::Complete => {}
            Self::Partial => {
                let (pid, name) = STUBBORN;
                let left = json!({
                    "pid": pid, "uid": owner.uid, "euid": owner.uid, "login_uid": owner.uid, "started": 1_795_222_800,
                    "name": name,
                });
                report["report"]["left"] = json!([left]);
                report["report"]["left_count"] = json!(1);
            }
            Self::Refused => {
                report["refused"] = json!("unknown-uid");
                report["report"] = json!(null);
            }
            Self::Failed => return Reply::None(Doubt::CommandFailed),
            Self::Cancelled => return Reply::None(Doubt::CommandCancelled),
            Self::Garbled => return Reply::Output("Segmentation fault".to_owned()),
            Self::Silent | Self::AgentLost => return Reply::Pending,
        }
        Reply::Output(format!("{report}\n"))
    }

    /// What the notice of a containment says of it, when nothing else goes wrong.
    pub(crate) fn said(self) -> Said {
        match self {
            Self::Complete => Said::Ended,
            Self::Partial => Said::PartlyEnded,
            _ => Said::NotEnded,
        }
    }
}

/// What a notice says of a contained user's sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Ended,
    PartlyEnded,
    NotEnded,
}

impl Said {
    /// Reads it as a person does; `None` is a notice that does not say.
    pub(crate) fn by(notice: &Notice) -> Option<Self> {
        let (subject, body) = (&notice.subject, &notice.body);
        if body.contains("BUT ENDED NO SESSIONS") {
            let lists = body.contains("SESSIONS WERE NOT ENDED (") && body.contains("may live on there");
            return (lists && subject.contains(", sessions go on")).then_some(Self::NotEnded);
        }
        if body.contains("NOT ALL OF THEM") {
            let (pid, name) = STUBBORN;
            let lists = body.contains(&format!("would not end: {pid} {name}"));
            return (lists && subject.contains(", access remains")).then_some(Self::PartlyEnded);
        }
        body.contains("and ended this user's sessions").then_some(Self::Ended)
    }
}

/// The key of the user whose sessions these are: each domain has user ids of its own.
fn key_of(owner: &SessionOwner) -> String {
    let theirs = owner.uid < super::uid(0);
    full_name(&owner.user.lower(), theirs.then_some(super::PARTNER))
}

/// A command that an instance has carried out.
#[derive(Debug)]
pub(crate) struct Carried {
    owner: SessionOwner,
    ending: Ending,
}

impl World {
    /// The instance takes a command that ends sessions.
    pub(super) fn end_now(&self, instance: &str, owner: &SessionOwner) -> Asked {
        let mut state = self.state();
        if state.agent_lost {
            return Asked::AgentAbsent;
        }
        if !state.ending_choice.is_empty() {
            let choice = state.ending_choice.clone();
            let ending = *state.random.pick(&choice);
            if ending == Ending::AgentLost {
                return Asked::AgentAbsent;
            }
            state.carried.push(Carried { owner: owner.clone(), ending });
        }
        state.endings.push(owner.clone());
        let command = format!("e{}", state.endings.len());
        drop(state);
        self.check_ending(instance, owner);
        Asked::Command(command)
    }

    /// Whose sessions are ended was disabled for it, and nobody has said stop.
    fn check_ending(&self, instance: &str, owner: &SessionOwner) {
        let mut state = self.state();
        let (user, execution) = (key_of(owner), self.actor.to_string());
        let Some(finding) = state.truth.findings.get(&execution).cloned() else { return };
        let mut problems = Vec::new();
        if instance != INSTANCE {
            problems.push(format!("on {instance}"));
        }
        if !state.truth.effects.iter().any(|effect| effect.user == user && effect.finding == finding) {
            problems.push("this finding has not disabled the user".to_owned());
        }
        let about = state.truth.about.get(&finding).and_then(|sid| uid_of(sid));
        if about != Some(owner.uid) {
            problems.push(format!("user id {} is not the one that the finding is about", owner.uid));
        }
        if state.truth.switch_was_on_before(self.process) {
            problems.push("the kill switch was on before the step began".to_owned());
        }
        let problems =
            problems.into_iter().map(|why| format!("sessions of {user} ended by {execution}: {why}"));
        state.truth.violations.extend(problems);
    }
}

impl State {
    /// What the command has become, when the scene says how commands turn out.
    pub(super) fn carried_out(&self, command: &str) -> Option<Reply> {
        let number: usize = command.strip_prefix('e')?.parse().ok()?;
        let carried = self.carried.get(number.checked_sub(1)?)?;
        Some(carried.ending.reply(&carried.owner))
    }

    /// A notice claims of a user's sessions only what a command has done.
    pub(super) fn check_claim(&mut self, user: &str, notice: &Notice) {
        if self.ending_choice.is_empty() {
            return;
        }
        let mut known = self.carried.iter().filter(|carried| key_of(&carried.owner) == user.to_lowercase());
        let true_ = match Said::by(notice) {
            None => false,
            Some(Said::NotEnded) => true,
            Some(said) => known.any(|carried| carried.ending.said() == said),
        };
        if !true_ {
            self.truth.violations.push(format!("what is said of sessions is not so: {notice:?}"));
        }
    }
}
