//! The directory: computer objects with SIDs that are never used again.

use std::net::Ipv4Addr;

use secrecy::{ExposeSecret, SecretString};
use steward_core::ids::Sid;

use super::World;
use super::scene::{DOMAIN, OU};
use crate::account::{Account, AccountError, Accounts, RowProblem};
use crate::computers::{Computer, Computers, ComputersError, Creation, Order, Removal};
use crate::member::Reply;
use crate::name::ComputerName;
use steward_core::ids::{AccountId, InstanceId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) computer: Computer,
    /// Whose password it has: the one-time one at first, the machine's own once it has joined.
    pub(crate) password: String,
}

impl World {
    fn failed_directory(&self, operation: &'static str) -> ComputersError {
        ComputersError { operation, reason: "by the test".to_owned(), kind: self.kind(operation) }
    }

    /// A computer of somebody else.
    pub(crate) fn add_foreign(&self, name: &str) -> Sid {
        self.add_object(name, Some("Jane's old server"), "somebody else's")
    }

    pub(super) fn add_object(&self, name: &str, description: Option<&str>, password: &str) -> Sid {
        let mut state = self.state();
        state.made += 1;
        let sid: Sid = format!("S-1-5-21-1-2-3-{}", 2000 + state.made).parse().unwrap();
        state.keep_objects();
        state.objects.push(Object {
            computer: Computer {
                name: name.to_owned(),
                dn: format!("CN={name},{OU}"),
                sid: sid.clone(),
                description: description.map(str::to_owned),
            },
            password: password.to_owned(),
        });
        sid
    }

    fn find(&self, fits: impl Fn(&Computer) -> bool) -> Option<Computer> {
        let stale = self.is_stale();
        let state = self.state();
        let objects = if stale && state.objects_changed + 45 > state.now {
            &state.objects_before
        } else {
            &state.objects
        };
        objects.iter().map(|object| &object.computer).find(|computer| fits(computer)).cloned()
    }

    pub(super) fn remove_sid(&self, sid: &Sid) {
        let mut guard = self.state();
        let state = &mut *guard;
        let Some(at) = state.objects.iter().position(|object| object.computer.sid == *sid) else { return };
        state.keep_objects();
        let gone = state.objects.remove(at);
        let name = gone.computer.name;
        let user = state.machines.values().find(|machine| machine.computer == name);
        let used = user.is_some_and(|machine| machine.is_running() && machine.member.as_ref() == Some(sid));
        if user.is_none() || gone.password == "somebody else's" {
            state.violations.push(format!("somebody else's {name} was removed"));
        }
        if used && !user.is_some_and(|machine| machine.may_lose_object) {
            state.violations.push(format!("{name} was removed while its instance runs with it"));
        }
    }
}

impl super::State {
    /// Keeps what the directory says before a change.
    pub(super) fn keep_objects(&mut self) {
        self.objects_before = self.objects.clone();
        self.objects_changed = self.now;
    }
}

impl Computers for World {
    async fn named(
        &self,
        account: &Account,
        name: &ComputerName,
    ) -> Result<Option<Computer>, ComputersError> {
        let (name, here) = (name.to_string(), account.domain == DOMAIN);
        let found =
            self.call("SearchByName", move |world| world.find(|computer| here && computer.name == name));
        found.await.ok_or_else(|| self.failed_directory("SearchByName"))
    }

    async fn of_sid(&self, account: &Account, sid: &Sid) -> Result<Option<Computer>, ComputersError> {
        let (sid, here) = (sid.clone(), account.domain == DOMAIN);
        let found = self.call("SearchBySid", move |world| world.find(|computer| here && computer.sid == sid));
        found.await.ok_or_else(|| self.failed_directory("SearchBySid"))
    }

    async fn create(
        &self,
        _: &Account,
        name: &ComputerName,
        description: &str,
        password: &SecretString,
    ) -> Result<Creation, ComputersError> {
        let (name, description) = (name.to_string(), description.to_owned());
        let password = password.expose_secret().to_owned();
        self.state().secrets.insert(password.clone());
        let created = self.call("CreateComputer", move |world| {
            let state = world.state();
            if state.objects.iter().any(|object| object.computer.name == name) {
                return Creation::NameTaken;
            }
            drop(state);
            world.check_creation(&name);
            Creation::Created(world.add_object(&name, Some(&description), &password))
        });
        created.await.ok_or_else(|| self.failed_directory("CreateComputer"))
    }

    async fn remove(&self, _: &Account, computer: &Computer) -> Result<(), ComputersError> {
        let sid = computer.sid.clone();
        let removed = self.call("DeleteComputer", move |world| world.remove_sid(&sid));
        removed.await.ok_or_else(|| self.failed_directory("DeleteComputer"))
    }

    async fn remove_dns_record(
        &self,
        _: &Account,
        host: &str,
        address: Ipv4Addr,
    ) -> Result<(), ComputersError> {
        let host = host.to_owned();
        let removed = self.call("DeleteRecord", move |world| {
            let mut state = world.state();
            if state.dns.get(&host) == Some(&address) {
                state.dns.remove(&host);
            }
        });
        removed.await.ok_or_else(|| self.failed_directory("DeleteRecord"))
    }

    async fn order_removal(&self, removal: &Removal) -> Result<Order, ComputersError> {
        let removal = removal.clone();
        let given = self.call("OrderRemoval", move |world| world.give_to_host(&removal));
        given.await.ok_or_else(|| self.failed_directory("OrderRemoval"))
    }

    async fn removal(&self, host: &InstanceId, command: &str) -> Result<Reply, ComputersError> {
        assert_eq!(host.as_str(), super::host::HOST);
        let command = command.to_owned();
        let reply = self.call("LookAtRemoval", move |world| world.reply_of_host(&command));
        reply.await.ok_or_else(|| self.failed_directory("LookAtRemoval"))
    }
}

impl Accounts for World {
    async fn account(&self, id: &AccountId) -> Result<Option<Account>, AccountError> {
        // Cached: no call of its own.
        if self.state().denied.contains("row") {
            let problem = "dnsIP1 is 10.0.0.300 but must be an IPv4 address".to_owned();
            return Err(AccountError::Row(RowProblem { account: id.clone(), problem }));
        }
        Ok(self.state().rows.get(id.as_str()).cloned())
    }
}
