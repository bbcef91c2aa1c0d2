//! The world in each of its roles.

use std::collections::BTreeSet;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use steward_core::directory::{ClientToken, Directory, DirectoryError, DomainNames, User};
use steward_core::error::Kind;
use steward_core::ids::{InstanceId, UserName};
use steward_core::place::Place;

use super::scene::MEMBER_NEIGHBOUR;
use super::truth::PASSWORD;
use super::{DOMAIN, World};
use crate::approval::{Wake, WakeError, Woken};
use crate::directories::Directories;
use crate::error::Error;
use crate::home::{Home, full_name};
use crate::notice::{Notice, NoticeError, Notices};
use crate::reason::Refusal;
use crate::records::memory::typed;
use crate::records::{Key, Revision, Store, StoreError, Written};
use crate::release::{Escrow, EscrowError, Findings, GuardDutyError};
use crate::systems_manager::{Asked, KillSwitch, Reply, SessionOwner, SystemsManager, SystemsManagerError};

/// Whether a place is in the stack's own account and Region.
fn is_home(place: &Place) -> bool {
    place.account.as_str() == "111122223333" && place.region.as_str() == "eu-west-1"
}

fn failed(operation: &'static str) -> DirectoryError {
    DirectoryError::Call { operation, reason: "injected".to_owned(), advice: "", kind: Kind::Transient }
}

impl Directory for World {
    async fn user(&self, name: &UserName) -> Result<User, DirectoryError> {
        let asked = self.key_of(name);
        let answer = self.call("DescribeUser", move |world| world.look_up(&asked)).await;
        answer
            .ok_or_else(|| failed("DescribeUser"))?
            .ok_or_else(|| DirectoryError::UserNotFound(name.to_string()))
    }

    async fn groups(&self, user: &User) -> Result<BTreeSet<String>, DirectoryError> {
        let name = self.key_of(&user.name);
        let answer = self.call("ListGroupsForMember", move |world| world.state().groups.get(&name).cloned());
        answer.await.map(Option::unwrap_or_default).ok_or_else(|| failed("ListGroupsForMember"))
    }

    async fn disable(&self, name: &UserName, token: &ClientToken) -> Result<(), DirectoryError> {
        let (name, token) = (self.key_of(name), token.as_str().to_owned());
        let answer = self.call("DisableUser", move |world| world.disable_now(&name, &token));
        answer.await.unwrap_or_else(|| Err(failed("DisableUser")))
    }

    async fn reset_password(&self, name: &UserName, password: &SecretString) -> Result<(), DirectoryError> {
        let (name, password) = (self.key_of(name), password.expose_secret().to_owned());
        let answer = self.call("ResetUserPassword", move |world| world.reset_now(&name, password));
        answer.await.ok_or_else(|| failed("ResetUserPassword"))
    }

    async fn enable(&self, name: &UserName) -> Result<(), DirectoryError> {
        if self.domain.is_none() {
            return Ok(());
        }
        let name = self.key_of(name);
        self.call("EnableUser", move |world| world.enable_now(&name))
            .await
            .ok_or_else(|| failed("EnableUser"))
    }

    async fn domain_names(&self) -> Result<DomainNames, DirectoryError> {
        let names = |_: &Self| DomainNames { dns: DOMAIN.to_owned(), netbios: "CORP".to_owned() };
        self.call("DescribeDirectories", names).await.ok_or_else(|| failed("DescribeDirectories"))
    }
}

impl Directories for World {
    type One = Self;

    async fn own_names(&self) -> Result<DomainNames, Error> {
        Ok(self.domain_names().await?)
    }

    async fn trusted_names(&self, _: &DomainNames) -> Result<Vec<DomainNames>, Error> {
        if self.state().trusted.is_empty() {
            return Ok(Vec::new());
        }
        let names = self.call("GetSecretValue", |world| world.state().trusted.clone()).await;
        Ok(names.ok_or_else(|| failed("GetSecretValue"))?)
    }

    async fn serving(&self, home: &Home) -> Result<Option<Self>, Error> {
        let Home::Trusted(domain) = home else { return Ok(Some(Self { domain: None, ..self.clone() })) };
        let asked = domain.clone();
        let is_there = move |world: &Self| world.state().trusted.iter().any(|names| names.dns == asked);
        let is_there = self.call("GetSecretValue", is_there).await.ok_or_else(|| failed("GetSecretValue"))?;
        Ok(is_there.then(|| Self { domain: Some(domain.as_str().into()), ..self.clone() }))
    }
}

impl World {
    /// The key of a user of the domain that is asked.
    fn key_of(&self, name: &UserName) -> String {
        full_name(&name.lower(), self.domain.as_deref())
    }

    fn look_up(&self, name: &str) -> Option<User> {
        let mut state = self.state();
        let mut user = state.users.get(name).cloned()?;
        if state.stale_looks > 0
            && let Some(before) = state.before.get(name).cloned()
        {
            state.stale_looks -= 1;
            user = before;
        }
        state.truth.saw(&self.actor, name, user.enabled);
        Some(user)
    }

    /// The service keeps a token: the same call again has no effect, another call under it is refused. LDAP has none: who
    /// is disabled stays so.
    fn disable_now(&self, name: &str, token: &str) -> Result<(), DirectoryError> {
        if self.domain.is_some() {
            if self.state().users.get(name).is_some_and(|user| user.enabled) {
                self.take_effect(name, token);
            }
            return Ok(());
        }
        let known = self.state().disabled.iter().find(|(_, known)| known == token).cloned();
        if known.is_some_and(|(user, _)| user != name) {
            let reason = "ConflictException".to_owned();
            let kind = Kind::Permanent;
            return Err(DirectoryError::Call { operation: "DisableUser", reason, advice: "", kind });
        }
        let repeated = self.state().disabled.iter().any(|(_, known)| known == token);
        if !repeated {
            self.take_effect(name, token);
        }
        self.record_disable(name);
        Ok(())
    }

    fn take_effect(&self, name: &str, token: &str) {
        self.check_effect(name);
        let mut state = self.state();
        state.disabled.push((name.to_owned(), token.to_owned()));
        state.change(name, |user| user.enabled = false);
        state.truth.released_at.remove(name);
    }

    /// In the own directory it enables, too.
    fn reset_now(&self, name: &str, password: String) {
        self.state().passwords.insert(name.to_owned(), password);
        if self.domain.is_none() {
            self.enable_now(name);
        }
    }

    fn enable_now(&self, name: &str) {
        let mut state = self.state();
        state.change(name, |user| user.enabled = true);
        let calls = state.calls;
        state.truth.released_at.insert(name.to_owned(), calls);
    }
}

impl super::State {
    fn change(&mut self, name: &str, change: impl FnOnce(&mut User)) {
        if let Some(user) = self.users.get_mut(name) {
            self.before.insert(name.to_owned(), user.clone());
            change(user);
        }
    }
}

impl Store for World {
    async fn read<T: DeserializeOwned + Send>(&self, key: &Key) -> Result<(Option<T>, Revision), StoreError> {
        let key = key.clone();
        let answer = self.call("GetItem", move |world| world.table.fetch(&key)).await;
        let (item, revision) = answer.ok_or_else(StoreError::injected)?;
        Ok((typed(item)?, revision))
    }

    async fn write<T: Serialize + Sync>(
        &self,
        key: &Key,
        item: &T,
        seen: Revision,
    ) -> Result<Written, StoreError> {
        let (key, item) = (key.clone(), serde_json::to_value(item).unwrap());
        let answer = self.call("PutItem", move |world| {
            let before = world.table.fetch(&key).0;
            let written = world.table.store(&key, item.clone(), seen);
            if key.sk == "approval" && written == Written::Yes {
                world.check_answer(&key, typed(before).unwrap(), &typed(Some(item)).unwrap().unwrap());
            }
            written
        });
        answer.await.ok_or_else(StoreError::injected)
    }
}

impl SystemsManager for World {
    async fn closed(&self, place: &Place) -> Result<Option<Refusal>, SystemsManagerError> {
        if is_home(place) {
            return Ok(None);
        }
        let account = place.account.to_string();
        let answer = self.call("GetItem of an account", move |world| {
            let state = world.state();
            let absent = (!state.open.contains(&account)).then_some(Refusal::NoAccountRow);
            absent.or(state.rows_unusable.then_some(Refusal::RowUnusable))
        });
        answer.await.ok_or_else(SystemsManagerError::injected)
    }

    async fn ask(&self, place: &Place, chain: &str) -> Result<Asked, SystemsManagerError> {
        let (chain, place) = (chain.to_owned(), place.clone());
        let answer = self.call("SendCommand", move |world| {
            let mut state = world.state();
            state.reached.push(place);
            if state.agent_absent {
                return Asked::AgentAbsent;
            }
            state.commands.push(chain);
            Asked::Command(format!("c{}", state.commands.len()))
        });
        answer.await.ok_or_else(SystemsManagerError::injected)
    }

    async fn end_sessions(&self, place: &Place, owner: &SessionOwner) -> Result<Asked, SystemsManagerError> {
        let (place, owner) = (place.clone(), owner.clone());
        let answer = self.call("SendCommand to end sessions", move |world| {
            let instance = place.instance.to_string();
            world.state().reached.push(place);
            world.end_now(&instance, &owner)
        });
        answer.await.ok_or_else(SystemsManagerError::injected)
    }

    async fn members(&self, place: &Place, _: &str) -> Result<Vec<InstanceId>, SystemsManagerError> {
        let home = is_home(place);
        let answer = self.call("DescribeInstanceInformation", move |world| match home {
            true => world.state().members.clone(),
            false => vec![MEMBER_NEIGHBOUR.parse().unwrap()],
        });
        answer.await.ok_or_else(SystemsManagerError::injected)
    }

    async fn reply(&self, place: &Place, command: &str) -> Result<Reply, SystemsManagerError> {
        let place = place.clone();
        let ending = command.starts_with('e').then(|| command.to_owned());
        let number: usize = command.trim_start_matches('c').parse().unwrap_or_default();
        let answer = self.call("GetCommandInvocation", move |world| {
            let mut state = world.state();
            state.reached.push(place);
            if let Some(command) = &ending {
                if let Some(reply) = state.carried_out(command) {
                    return reply;
                }
                return state.report.clone().unwrap_or(Reply::Pending);
            }
            let chain = number.checked_sub(1).and_then(|at| state.commands.get(at)).cloned();
            let chain = chain.unwrap_or_default();
            let mut known = state.replies_about.iter();
            if let Some((_, reply)) = known.find(|(uid, _)| chain.contains(&format!(":{uid}:"))) {
                return reply.clone();
            }
            if state.replies.len() > 1 {
                return state.replies.remove(0);
            }
            state.replies.first().cloned().unwrap_or(Reply::Pending)
        });
        answer.await.ok_or_else(SystemsManagerError::injected)
    }

    async fn kill_switch(&self) -> Result<KillSwitch, SystemsManagerError> {
        let answer = self.call("GetParameter", |world| {
            if world.state().kill_switch { KillSwitch::On } else { KillSwitch::Off }
        });
        answer.await.ok_or_else(SystemsManagerError::injected)
    }
}

impl Notices for World {
    async fn publish(&self, notice: &Notice) -> Result<(), NoticeError> {
        let notice = notice.clone();
        let answer = self.call("Publish", move |world| {
            let mut state = world.state();
            state.check_notice(&world.actor, world.process, &notice);
            state.mails.push(notice);
        });
        answer.await.ok_or_else(NoticeError::injected)
    }
}

impl Findings for World {
    async fn is_active(&self, arn: &str) -> Result<bool, GuardDutyError> {
        let arn = arn.to_owned();
        let answer = self.call("GetFindings", move |world| world.state().active.contains(&arn));
        answer.await.ok_or_else(GuardDutyError::injected)
    }
}

impl Wake for World {
    async fn wake(&self, token: &str) -> Result<Woken, WakeError> {
        let token = token.to_owned();
        let answer = self.call("SendTaskSuccess", move |world| {
            if world.state().tokens.remove(&token) { Woken::Yes } else { Woken::NobodyWaits }
        });
        answer.await.ok_or_else(WakeError::injected)
    }
}

impl Escrow for World {
    async fn keep(
        &self,
        home: &Home,
        user: &UserName,
        execution: &str,
    ) -> Result<(String, SecretString), EscrowError> {
        let user = full_name(&user.lower(), home.domain());
        let (name, execution) = (format!("adsteward/released/{user}"), execution.to_owned());
        let answer = self.call("PutSecretValue", move |world| {
            let mut state = world.state();
            if let Some(kept) = state.secrets.get(&execution) {
                return kept.clone();
            }
            let password = format!("{PASSWORD}{}-{}", execution, state.secrets.len());
            state.secrets.insert(execution, password.clone());
            state.newest_secret.insert(user, password.clone());
            password
        });
        let password = answer.await.ok_or_else(EscrowError::injected)?;
        Ok((name, SecretString::from(password)))
    }
}
