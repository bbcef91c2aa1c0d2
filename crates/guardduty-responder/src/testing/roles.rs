//! The world in each of its roles.

use std::collections::BTreeSet;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use steward_core::directory::{ClientToken, Directory, DirectoryError, DomainNames, User};
use steward_core::error::Kind;
use steward_core::ids::{InstanceId, UserName};

use super::{DOMAIN, Fault, World};
use crate::approval::{Wake, WakeError, Woken};
use crate::notice::{Notice, NoticeError, Notices};
use crate::records::{Key, Revision, Store, StoreError, Written};
use crate::release::{Escrow, EscrowError, Findings, GuardDutyError};
use crate::systems_manager::{Asked, KillSwitch, Reply, SystemsManager, SystemsManagerError};

fn failed(operation: &'static str) -> DirectoryError {
    DirectoryError::Call { operation, reason: "injected".to_owned(), advice: "", kind: Kind::Transient }
}

impl Directory for World {
    async fn user(&self, name: &UserName) -> Result<User, DirectoryError> {
        if self.call() != Fault::None {
            return Err(failed("DescribeUser"));
        }
        let mut state = self.state();
        let mut user = state
            .users
            .get(&name.lower())
            .cloned()
            .ok_or_else(|| DirectoryError::UserNotFound(name.to_string()))?;
        if !user.enabled && !state.disabled.is_empty() && state.stale_looks > 0 {
            state.stale_looks -= 1;
            user.enabled = true;
        }
        Ok(user)
    }

    async fn groups(&self, user: &User) -> Result<BTreeSet<String>, DirectoryError> {
        if self.call() != Fault::None {
            return Err(failed("ListGroupsForMember"));
        }
        Ok(self.state().groups.get(&user.name.lower()).cloned().unwrap_or_default())
    }

    async fn disable(&self, name: &UserName, token: &ClientToken) -> Result<(), DirectoryError> {
        let fault = self.call();
        if fault == Fault::BeforeEffect {
            return Err(failed("DisableUser"));
        }
        let mut state = self.state();
        // The service keeps a token: the same call again has no effect.
        if !state.disabled.iter().any(|(_, known)| known == token.as_str()) {
            state.disabled.push((name.lower(), token.as_str().to_owned()));
            if let Some(user) = state.users.get_mut(&name.lower()) {
                user.enabled = false;
            }
        }
        if fault == Fault::LostAnswer { Err(failed("DisableUser")) } else { Ok(()) }
    }

    async fn reset_password(&self, name: &UserName, password: &SecretString) -> Result<(), DirectoryError> {
        let fault = self.call();
        if fault == Fault::BeforeEffect {
            return Err(failed("ResetUserPassword"));
        }
        let mut state = self.state();
        state.passwords.insert(name.lower(), password.expose_secret().to_owned());
        if let Some(user) = state.users.get_mut(&name.lower()) {
            user.enabled = true;
        }
        if fault == Fault::LostAnswer { Err(failed("ResetUserPassword")) } else { Ok(()) }
    }

    async fn domain_names(&self) -> Result<DomainNames, DirectoryError> {
        if self.call() != Fault::None {
            return Err(failed("DescribeDirectories"));
        }
        Ok(DomainNames { dns: DOMAIN.to_owned(), netbios: "CORP".to_owned() })
    }
}

impl Store for World {
    async fn read<T: DeserializeOwned + Send>(&self, key: &Key) -> Result<(Option<T>, Revision), StoreError> {
        if self.call() != Fault::None {
            return Err(StoreError::injected());
        }
        self.table.read(key).await
    }

    async fn write<T: Serialize + Sync>(
        &self,
        key: &Key,
        item: &T,
        seen: Revision,
    ) -> Result<Written, StoreError> {
        let fault = self.call();
        if fault == Fault::BeforeEffect {
            return Err(StoreError::injected());
        }
        let written = self.table.write(key, item, seen).await?;
        if fault == Fault::LostAnswer { Err(StoreError::injected()) } else { Ok(written) }
    }
}

impl SystemsManager for World {
    async fn ask(&self, _: &InstanceId, chain: &str) -> Result<Asked, SystemsManagerError> {
        let fault = self.call();
        if fault == Fault::BeforeEffect {
            return Err(SystemsManagerError::injected());
        }
        let mut state = self.state();
        if state.agent_absent {
            return Ok(Asked::AgentAbsent);
        }
        state.commands.push(chain.to_owned());
        if fault == Fault::LostAnswer {
            return Err(SystemsManagerError::injected());
        }
        Ok(Asked::Command(format!("c{}", state.commands.len())))
    }

    async fn reply(&self, _: &InstanceId, _: &str) -> Result<Reply, SystemsManagerError> {
        if self.call() != Fault::None {
            return Err(SystemsManagerError::injected());
        }
        let mut state = self.state();
        if state.replies.len() > 1 {
            return Ok(state.replies.remove(0));
        }
        Ok(state.replies.first().cloned().unwrap_or(Reply::Pending))
    }

    async fn kill_switch(&self) -> Result<KillSwitch, SystemsManagerError> {
        if self.call() != Fault::None {
            return Err(SystemsManagerError::injected());
        }
        Ok(if self.state().kill_switch { KillSwitch::On } else { KillSwitch::Off })
    }
}

impl Notices for World {
    async fn publish(&self, notice: &Notice) -> Result<(), NoticeError> {
        let fault = self.call();
        if fault == Fault::BeforeEffect {
            return Err(NoticeError::injected());
        }
        self.state().mails.push(notice.clone());
        if fault == Fault::LostAnswer { Err(NoticeError::injected()) } else { Ok(()) }
    }
}

impl Findings for World {
    async fn is_active(&self, arn: &str) -> Result<bool, GuardDutyError> {
        if self.call() != Fault::None {
            return Err(GuardDutyError::injected());
        }
        Ok(self.state().active.contains(arn))
    }
}

impl Wake for World {
    async fn wake(&self, token: &str) -> Result<Woken, WakeError> {
        let fault = self.call();
        if fault == Fault::BeforeEffect {
            return Err(WakeError::injected());
        }
        let waited = self.state().tokens.remove(token);
        if fault == Fault::LostAnswer {
            return Err(WakeError::injected());
        }
        Ok(if waited { Woken::Yes } else { Woken::NobodyWaits })
    }
}

impl Escrow for World {
    async fn keep(&self, user: &UserName, execution: &str) -> Result<(String, SecretString), EscrowError> {
        let fault = self.call();
        if fault == Fault::BeforeEffect {
            return Err(EscrowError::injected());
        }
        let name = format!("adsteward/released/{}", user.lower());
        let mut state = self.state();
        let next = format!("Pw-{}-{}", execution, state.secrets.len());
        let kept = state.secrets.entry(execution.to_owned()).or_insert(next).clone();
        if fault == Fault::LostAnswer {
            Err(EscrowError::injected())
        } else {
            Ok((name, SecretString::from(kept)))
        }
    }
}
