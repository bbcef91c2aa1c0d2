//! The effect: disables the user whom the decision names, and reads back that it is so.

use sha2::{Digest, Sha256};
use steward_core::directory::{ClientToken, Directory};
use steward_core::ids::UserName;

use super::Responder;
use super::step::{Outcome, Request};
use crate::clock;
use crate::directories::Directories;
use crate::error::Error;
use crate::finding::Finding;
use crate::home::Home;
use crate::notice::Notices;
use crate::reason::{Decision, Doubt, Refusal};
use crate::records::{
    self, AccountState, Acted, Change, Containment, DecisionRecord, Key, Progress, Status, Store,
    containment_key, decision_key,
};
use crate::systems_manager::{KillSwitch, SystemsManager};

/// Looks at the directory after disabling, before the step is given back to the state machine to repeat.
const LOOKS: u32 = 5;

/// One containment, from which its token and the cause of its notice follow.
struct Effect<'a> {
    sid: &'a str,
    epoch: u64,
    finding: &'a Finding,
}

impl Effect<'_> {
    /// The same for every repetition of this containment, another one after a release.
    fn token(&self) -> ClientToken {
        let text = format!("contain|{}|{}|{}", self.finding.arn, self.sid, self.epoch);
        let hash = Sha256::digest(text.as_bytes());
        ClientToken::new(&hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    fn cause(&self) -> String {
        format!("{}#contain#{}#{}", self.finding.arn, self.sid, self.epoch)
    }
}

impl<D: Directories + Sync, S: Store + Sync, M: SystemsManager + Sync, N: Notices + Sync>
    Responder<D, S, M, N>
{
    pub(super) async fn disable(&self, request: &Request, finding: &Finding) -> Result<Outcome, Error> {
        let key = decision_key(finding, &request.execution);
        let undecided = || Error::Undecided(finding.arn.clone());
        let (record, _) = self.store.read::<DecisionRecord>(&key).await?;
        let mut record = record.ok_or_else(undecided)?;
        let decision = record.decision()?;
        if !decision.contains() {
            // An earlier try of this step has stopped it, and its answer was lost.
            return Ok(Outcome::new(decision.kind(), decision.reason()));
        }
        let user: UserName =
            record.user.as_deref().and_then(|name| name.parse().ok()).ok_or_else(undecided)?;
        let sid = record.sid.clone().ok_or_else(undecided)?;
        let home = Home::of(&self.config.directory, record.domain.as_deref());

        self.hold(request, finding, 0).await?;
        let progress = records::progress(&self.store, &home, &finding.arn, &user, &sid).await?;
        let cause = match progress {
            Progress::Confirmed(cause) => cause,
            Progress::Released => {
                return self.stop(&key, record, Decision::Refuse(Refusal::AlreadyActed)).await;
            }
            Progress::Open | Progress::Begun => {
                // The decision may be some retries old, and the name another account's since.
                let stopped = match self.systems.kill_switch().await? {
                    KillSwitch::On => Some(Refusal::KillSwitch),
                    KillSwitch::Off => {
                        records::refusal(&self.store, finding).await?.map(|_| Refusal::RefusedByPerson)
                    }
                };
                let Some(directory) = self.directories.serving(&home).await? else {
                    return self.stop(&key, record, Decision::CannotContainHere).await;
                };
                let account = directory.user(&user).await?;
                if account.sid.as_str() != sid {
                    let mismatch = Decision::NeedsPerson(Doubt::SidMismatch);
                    return self.stop(&key, record, mismatch).await;
                }
                let done = progress == Progress::Begun && !account.enabled;
                if let Some(refusal) = stopped.filter(|_| !done) {
                    return self.stop(&key, record, Decision::Refuse(refusal)).await;
                }
                let effect = self.plan(request, finding, (&home, &user), &sid).await?;
                // Repeated under the same token where it may be done: who is disabled may be so by another finding.
                if stopped.is_none() {
                    tracing::info!(finding.arn, user.name = record.who(), "disabling the user");
                    directory.disable(&user, &effect.token()).await?;
                }
                self.read_back(&directory, &user, &record.who()).await?;
                self.note(&effect, true).await?;
                effect.cause()
            }
        };
        record.after = Some(AccountState { enabled: false });
        record.acted_at = Some(clock::iso(clock::now()));
        record.calls = vec![match &home {
            Home::Own(_) => {
                format!("ds-data DisableUser {user}: confirmed, the directory shows Enabled = false.")
            }
            Home::Trusted(_) => format!(
                "LDAP modify userAccountControl of {}: confirmed, the domain shows the account as disabled.",
                record.who()
            ),
        }];
        record.cause = Some(cause);
        self.write_down(&key, &record).await?;
        Ok(Outcome::new("contained", decision.reason()))
    }

    /// Replaces the decision: something has happened since it was made.
    async fn stop(&self, key: &Key, mut record: DecisionRecord, stopped: Decision) -> Result<Outcome, Error> {
        record.set_decision(stopped);
        self.write_down(key, &record).await?;
        Ok(Outcome::new(stopped.kind(), stopped.reason()))
    }

    /// Writes down what is about to happen: in the user's item, for release and witness, and in the finding's.
    async fn plan<'a>(
        &self,
        request: &Request,
        finding: &'a Finding,
        (home, user): (&Home, &UserName),
        sid: &'a str,
    ) -> Result<Effect<'a>, Error> {
        let key = containment_key(home, user);
        let now = clock::now();
        let effect = records::update(&self.store, &key, |item: Option<Containment>| {
            let same_person = item.as_ref().filter(|item| item.sid == sid);
            let epoch = same_person.map_or(0, |item| item.epoch);
            let effect = Effect { sid, epoch, finding };
            let planned = Containment {
                user: user.to_string(),
                domain: home.domain().map(str::to_owned),
                sid: sid.to_owned(),
                status: Status::Contained,
                epoch,
                finding_arn: finding.arn.clone(),
                cause: effect.cause(),
                execution: request.execution.clone(),
                since: clock::iso(now),
                release: None,
                earlier: Vec::new(),
            };
            match same_person {
                Some(item) if item.status == Status::Contained && item.cause == planned.cause => {
                    Change::Keep(effect)
                }
                _ => Change::Write(planned.after(item, now), effect),
            }
        })
        .await?;
        self.note(&effect, false).await?;
        Ok(effect)
    }

    /// The directory replicates between domain controllers: look until it shows the effect.
    async fn read_back(&self, directory: &D::One, user: &UserName, who: &str) -> Result<(), Error> {
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(self.read_back_pause).await;
            }
            if !directory.user(user).await?.enabled {
                return Ok(());
            }
        }
        Err(Error::NotConfirmed(who.to_owned()))
    }

    async fn note(&self, effect: &Effect<'_>, confirmed: bool) -> Result<(), Error> {
        let acted = Acted {
            identity: effect.finding.identity(),
            sid: effect.sid.to_owned(),
            cause: effect.cause(),
            confirmed,
        };
        Ok(records::note_effect(&self.store, &effect.finding.arn, &acted).await?)
    }
}
