//! The next step, once a command has come to its end.

use secrecy::SecretString;
use steward_core::notice::Notices;
use steward_core::store::Store;

use crate::account::{Accounts, Mode};
use crate::answer::{Action, Answer};
use crate::case::Case;
use crate::computers::Computers;
use crate::error::Error;
use crate::joiner::Joiner;
use crate::later::Later;
use crate::member::{Member, Members, Reply, Sent, State as Truth};
use crate::outcome::{Outcome, Wait};
use crate::password::JoinPasswords;
use crate::random;
use crate::reason::Reason;
use crate::records::{Held, Phase};

/// Looks at a command that does not end: two hours of quarters.
pub(crate) const MOST_WAITS: u32 = 8;

impl<M, C, A, L, P, S, N> Joiner<M, C, A, L, P, S, N>
where
    M: Members + Sync,
    C: Computers + Sync,
    A: Accounts + Sync,
    L: Later + Sync,
    P: JoinPasswords + Sync,
    S: Store + Sync,
    N: Notices + Sync,
{
    /// Looks at the command that is under way.
    pub(crate) async fn look(&self, case: &Case<'_, M::Member>, mut held: Held) -> Result<Outcome, Error> {
        let action = if held.item.phase == Some(Phase::Join) { Action::Join } else { Action::Prepare };
        let command = held.item.command.clone().unwrap_or_default();
        let (code, output) = match case.member.reply(&command).await? {
            Reply::Pending if held.item.waits >= MOST_WAITS => {
                return self.retry(case, held, Reason::NoAnswer, "").await;
            }
            Reply::Pending => {
                held.item.waits += 1;
                let wait = if action == Action::Join { Wait::Join } else { Wait::Prepare };
                return self.wait(case.place, held, self.settings.look_again, wait).await;
            }
            Reply::Lost(status) => return self.retry(case, held, Reason::CommandLost, &status).await,
            Reply::Ended { code, output } => (code, output),
        };
        match Answer::parse(action, code, &output) {
            Ok(Answer::Ready { nonce, public_key }) if nonce == held.item.nonce => {
                self.create(case, held, &public_key).await
            }
            Ok(Answer::Member { computer, domain, remark }) => {
                self.confirm(case, held, (&computer, &domain), &remark).await
            }
            Ok(Answer::Failed { reason, detail }) => {
                // Root on the instance knows the join account's password by now: its words go no further.
                let secretive = action == Action::Join && !case.is_one_time();
                self.retry(case, held, reason, if secretive { "" } else { &detail }).await
            }
            Ok(Answer::Ready { .. } | Answer::Removed { .. }) | Err(_) => {
                let detail = format!("the command {command} ended with exit code {code}");
                self.fail(case.place, Some(&case.account), held, Reason::NotUnderstood, &detail).await
            }
        }
    }

    /// The instance has a key pair: makes its object, and has it join with what was sealed to the key.
    async fn create(
        &self,
        case: &Case<'_, M::Member>,
        mut held: Held,
        public_key: &[u8],
    ) -> Result<Outcome, Error> {
        let instance = case.member.instance().await?;
        let instance = match instance {
            Some(instance) if instance.state == Truth::Running => instance,
            Some(instance) if instance.state == Truth::Terminated => {
                return self.leave(case.place, &case.account, held).await;
            }
            _ => return Ok(Outcome::Ignored(Reason::NotRunning)),
        };
        held.item.address = instance.address.or(held.item.address);
        held.item.phase = Some(Phase::Creating);
        case.mode().clone_into(&mut held.item.mode);
        if !held.item.may_have_object() {
            held.item.domain.clone_from(&case.account.domain);
        }
        held.item.unsettled |= case.is_one_time();
        held.take();
        if !held.write(&self.store).await? {
            return Ok(Outcome::Ignored(Reason::Overtaken));
        }
        let password = self.password(case).await?;
        let Ok(secret) = (self.seal)(public_key, &password) else {
            let detail = "its public key is not one that a password can be sealed to";
            return self.fail(case.place, Some(&case.account), held, Reason::NotUnderstood, detail).await;
        };
        let made = if case.is_one_time() {
            self.make_object(case, &mut held, &password).await?
        } else {
            self.claim_name(case, &mut held).await?
        };
        if let Some(reason) = made {
            return self.retry(case, held, reason, "").await;
        }
        held.item.phase = Some(Phase::Joining);
        held.item.remember_nonce();
        held.take();
        if !held.write(&self.store).await? {
            return self.take_back_overtaken(case, &held).await;
        }
        let (document, parameters) = match self.order(case, Action::Join, &instance, &held.item, &secret) {
            Ok(order) => order,
            Err((reason, detail)) => {
                return self.fail(case.place, Some(&case.account), held, reason, &detail).await;
            }
        };
        match case.member.send(document, &parameters).await? {
            Sent::AgentAbsent => self.wait_for_agent(case, held).await,
            Sent::Command(id) => {
                held.item.phase = Some(Phase::Join);
                held.item.command = Some(id);
                held.item.waits = 0;
                self.wait(case.place, held, self.settings.look_again, Wait::Join).await
            }
        }
    }

    /// What the instance is to join with.
    async fn password(&self, case: &Case<'_, M::Member>) -> Result<SecretString, Error> {
        match &case.account.mode {
            Mode::OneTime => random::one_time_password(),
            Mode::JoinUser { password, .. } => Ok(self.passwords.join_password(password).await?),
        }
    }
}
