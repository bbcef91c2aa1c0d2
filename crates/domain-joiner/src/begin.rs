//! The first command: the instance makes a key pair, to which a password can be sealed.

use std::time::Duration;

use steward_core::clock;
use steward_core::notice::Notices;
use steward_core::store::Store;

use crate::account::Accounts;
use crate::answer::Action;
use crate::case::Case;
use crate::computers::Computers;
use crate::error::Error;
use crate::group::tagged_group;
use crate::joiner::Joiner;
use crate::later::Later;
use crate::member::{Instance, Member, Members, Sent};
use crate::outcome::{Outcome, Wait};
use crate::parameters::parameters;
use crate::password::JoinPasswords;
use crate::place::Place;
use crate::random;
use crate::reason::Reason;
use crate::records::{Computer, Held, Phase, State};

/// A command, or why there can be none: the reason, and what there is to say of it.
pub(crate) type Order<'a> = Result<(&'a str, Vec<(&'static str, String)>), (Reason, String)>;

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
    /// Begins to join an instance that runs.
    pub(crate) async fn begin(
        &self,
        case: &Case<'_, M::Member>,
        held: Option<Held>,
        instance: &Instance,
    ) -> Result<Outcome, Error> {
        let mut held = match held {
            Some(held) => held,
            None => self.first(case.place)?,
        };
        if held.item.state == State::Failed {
            held.item.attempts = 0;
            held.item.absent = 0;
            held.item.last_look = false;
            held.item.requested_at = clock::iso(clock::now());
        }
        held.item.state = State::Requested;
        held.item.phase = None;
        held.item.command = None;
        held.item.waits = 0;
        held.item.nonce = random::nonce()?;
        case.mode().clone_into(&mut held.item.mode);
        held.item.address = instance.address.or(held.item.address);
        held.take();
        if !held.write(&self.store).await? {
            return Ok(Outcome::Ignored(Reason::UnderWay));
        }
        let (document, parameters) = match self.order(case, Action::Prepare, instance, &held.item, "") {
            Ok(order) => order,
            Err((reason, detail)) => {
                return self.fail(case.place, Some(&case.account), held, reason, &detail).await;
            }
        };
        match case.member.send(document, &parameters).await? {
            Sent::AgentAbsent => self.wait_for_agent(case, held).await,
            Sent::Command(id) => {
                held.item.state = State::Sent;
                held.item.phase = Some(Phase::Prepare);
                held.item.command = Some(id);
                self.wait(case.place, held, self.settings.look_again, Wait::Prepare).await
            }
        }
    }

    fn first(&self, place: &Place) -> Result<Held, Error> {
        let name = self.settings.name_of(place);
        Held::new(place, Computer::new(place, name, random::nonce()?))
    }

    /// The command for an instance, as it is now.
    pub(crate) fn order(
        &self,
        case: &Case<'_, M::Member>,
        action: Action,
        instance: &Instance,
        item: &Computer,
        secret: &str,
    ) -> Order<'_> {
        let unsupported = || (Reason::PlatformUnsupported, format!("{:?}", instance.platform));
        let document = self.settings.document(instance).ok_or_else(unsupported)?;
        let group =
            tagged_group(&instance.tags).map_err(|error| (Reason::GroupUnusable, error.to_string()))?;
        let parameters = parameters(action, &case.account, group.as_ref(), item, secret)
            .map_err(|error| (Reason::ParameterUnusable, error.to_string()))?;
        Ok((document, parameters))
    }

    /// The agent is not there: it is looked for again later, so many times.
    pub(crate) async fn wait_for_agent(
        &self,
        case: &Case<'_, M::Member>,
        mut held: Held,
    ) -> Result<Outcome, Error> {
        held.item.absent += 1;
        if held.item.absent > self.settings.agent_attempts {
            return self.fail(case.place, Some(&case.account), held, Reason::AgentAbsent, "").await;
        }
        held.item.state = State::Requested;
        held.item.phase = None;
        held.item.command = None;
        self.wait(case.place, held, self.settings.retry, Wait::Agent).await
    }

    /// Has the instance looked at later, then writes the item: whoever dies in between is repeated, and nobody is forgotten.
    pub(crate) async fn wait(
        &self,
        place: &Place,
        mut held: Held,
        delay: Duration,
        wait: Wait,
    ) -> Result<Outcome, Error> {
        let number = held.item.looks + 1;
        self.later.again(place, number, delay).await?;
        held.item.looks = number;
        held.item.look_at = clock::now() + delay.as_secs();
        held.let_go();
        let written = held.write(&self.store).await?;
        Ok(if written { Outcome::Waiting(wait) } else { Outcome::Ignored(Reason::Overtaken) })
    }
}
