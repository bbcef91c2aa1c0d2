//! What a step works with: an instance, its account's row, and the way to it.

use crate::account::{Account, Mode};
use crate::joiner::Settings;
use crate::member::{Instance, Platform};
use crate::name::ComputerName;
use crate::place::Place;

/// An instance, its account's row, and the way to it.
#[derive(Debug)]
pub(crate) struct Case<'a, M> {
    pub(crate) place: &'a Place,
    pub(crate) account: Account,
    pub(crate) member: M,
}

impl<M> Case<'_, M> {
    /// Whether it joins with a password of its own.
    pub(crate) fn is_one_time(&self) -> bool {
        self.account.mode == Mode::OneTime
    }

    /// The mode's word.
    pub(crate) fn mode(&self) -> &'static str {
        if self.is_one_time() { "one-time" } else { "join-user" }
    }
}

impl Settings {
    /// The name of an instance's computer.
    pub(crate) fn name_of(&self, place: &Place) -> ComputerName {
        ComputerName::of(&self.prefix, &place.instance)
    }

    /// The document that joins an instance, if there is one.
    pub(crate) fn document(&self, instance: &Instance) -> Option<&str> {
        match instance.platform {
            Platform::Linux => Some(&self.linux_document),
            Platform::Windows => self.windows_document.as_deref(),
        }
    }
}
