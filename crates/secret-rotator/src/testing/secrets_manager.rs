//! Secrets Manager in memory.
//!
//! Source: API reference, `PutSecretValue` (a token stands for one value), `UpdateSecretVersionStage` (a label is moved
//! only from where it is; AWSPREVIOUS follows AWSCURRENT), `RotateSecret`. An empty version has no value to get, and a
//! version without a label is not described.

use std::collections::BTreeSet;

use secrecy::{ExposeSecret, SecretString};
use steward_core::error::Kind;

use super::World;
use crate::event::{Event, SecretArn, VersionId};
use crate::generator::Recipe;
use crate::labels::Labels;
use crate::secrets::{Moved, Put, Secrets, SecretsError, Which};

pub(crate) const CURRENT: &str = "AWSCURRENT";
pub(crate) const PENDING: &str = "AWSPENDING";
pub(crate) const PREVIOUS: &str = "AWSPREVIOUS";

#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) text: Option<String>,
    pub(crate) labels: BTreeSet<&'static str>,
}

fn failed(operation: &'static str) -> SecretsError {
    SecretsError { operation, reason: "injected".to_owned(), advice: "", kind: Kind::Transient }
}

impl World {
    pub(crate) fn labelled(&self, label: &str) -> Option<String> {
        let state = self.state();
        state.versions.iter().find(|(_, version)| version.labels.contains(label)).map(|(id, _)| id.clone())
    }

    /// Puts a version there, or changes it.
    pub(crate) fn put(&self, id: &str, text: Option<String>, labels: &[&'static str]) {
        let mut state = self.state();
        for version in state.versions.values_mut() {
            version.labels.retain(|label| !labels.contains(label));
        }
        let version = state.versions.entry(id.to_owned()).or_default();
        version.text = text;
        version.labels = labels.iter().copied().collect();
    }

    /// `RotateSecret`; false while another rotation is in progress.
    pub(crate) fn begin(&self, token: &str) -> bool {
        let (pending, current) = (self.labelled(PENDING), self.labelled(CURRENT));
        if pending.is_some() && pending != current {
            return pending.as_deref() == Some(token);
        }
        let mut state = self.state();
        state.versions_before = state.versions.clone();
        for version in state.versions.values_mut() {
            version.labels.remove(PENDING);
        }
        state.versions.entry(token.to_owned()).or_default().labels.insert(PENDING);
        true
    }

    /// Every replica has heard of the last change.
    pub(crate) fn everybody_has_heard(&self) {
        let mut state = self.state();
        state.versions_before = state.versions.clone();
    }

    /// Somebody removes AWSPENDING.
    pub(crate) fn cancel(&self) {
        let mut state = self.state();
        state.versions_before = state.versions.clone();
        for version in state.versions.values_mut() {
            version.labels.remove(PENDING);
        }
    }

    fn put_now(&self, token: &str, text: String) -> Put {
        let mut state = self.state();
        let known = state.versions.get(token).and_then(|version| version.text.clone());
        if known.as_ref().is_some_and(|known| *known != text) {
            return Put::Taken;
        }
        state.versions_before = state.versions.clone();
        for version in state.versions.values_mut() {
            version.labels.remove(PENDING);
        }
        let version = state.versions.entry(token.to_owned()).or_default();
        version.text = Some(text);
        version.labels.insert(PENDING);
        Put::Stored
    }

    fn move_now(&self, label: &'static str, from: Option<&str>, to: Option<&str>) -> Moved {
        let holder = self.labelled(label);
        let is_there = holder.as_deref() == to && to.is_some();
        if !is_there && holder.as_deref() != from {
            return Moved::WasElsewhere;
        }
        let mut state = self.state();
        state.versions_before = state.versions.clone();
        if is_there {
            return Moved::Yes;
        }
        for (id, version) in &mut state.versions {
            if version.labels.remove(label) && label == CURRENT {
                version.labels.insert(PREVIOUS);
            } else if label == CURRENT && Some(id.as_str()) != from {
                version.labels.remove(PREVIOUS);
            }
        }
        if let Some(to) = to {
            state.versions.get_mut(to).unwrap().labels.insert(label);
        }
        drop(state);
        self.check_current_logs_in(label);
        Moved::Yes
    }
}

impl Secrets for World {
    async fn labels(&self, _: &SecretArn) -> Result<Labels, SecretsError> {
        let answer = self.call("DescribeSecret", |world| {
            let state = world.state();
            let versions = if state.truth.reads_stale { &state.versions_before } else { &state.versions };
            let holder = |label: &str| {
                let found = versions.iter().find(|(_, version)| version.labels.contains(label));
                found.map(|(id, _)| id.parse().unwrap())
            };
            Labels {
                current: holder(CURRENT),
                pending: holder(PENDING),
                rotation_is_off: state.rotation_is_off,
            }
        });
        answer.await.ok_or_else(|| failed("DescribeSecret"))
    }

    async fn text(&self, _: &SecretArn, which: Which<'_>) -> Result<Option<SecretString>, SecretsError> {
        let wanted = match which {
            Which::Current => Err(CURRENT),
            Which::Previous => Err(PREVIOUS),
            Which::Version(id) => Ok(id.as_str().to_owned()),
        };
        let answer = self.call("GetSecretValue", move |world| {
            let state = world.state();
            let versions = if state.truth.reads_stale { &state.versions_before } else { &state.versions };
            let version = match wanted {
                Ok(id) => versions.get(&id),
                Err(label) => versions.values().find(|version| version.labels.contains(label)),
            };
            version.and_then(|version| version.text.clone()).map(SecretString::from)
        });
        answer.await.ok_or_else(|| failed("GetSecretValue"))
    }

    async fn put_pending(&self, event: &Event, text: &SecretString) -> Result<Put, SecretsError> {
        let (token, text) = (event.version.to_string(), text.expose_secret().to_owned());
        let answer = self.call("PutSecretValue", move |world| world.put_now(&token, text));
        answer.await.ok_or_else(|| failed("PutSecretValue"))
    }

    async fn make_current(
        &self,
        _: &SecretArn,
        from: Option<&VersionId>,
        to: &VersionId,
    ) -> Result<Moved, SecretsError> {
        let (from, to) = (from.map(VersionId::to_string), to.to_string());
        let answer = self.call("UpdateSecretVersionStage", move |world| {
            world.move_now(CURRENT, from.as_deref(), Some(&to))
        });
        answer.await.ok_or_else(|| failed("UpdateSecretVersionStage"))
    }

    async fn drop_pending(&self, _: &SecretArn, from: &VersionId) -> Result<Moved, SecretsError> {
        let from = from.to_string();
        let answer =
            self.call("UpdateSecretVersionStage", move |world| world.move_now(PENDING, Some(&from), None));
        answer.await.ok_or_else(|| failed("UpdateSecretVersionStage"))
    }

    async fn random_password(&self, recipe: &Recipe) -> Result<SecretString, SecretsError> {
        let length = usize::from(recipe.length());
        let answer = self.call("GetRandomPassword", move |world| {
            let mut state = world.state();
            if !state.draws.is_empty() {
                return SecretString::from(state.draws.remove(0));
            }
            state.drawn += 1;
            SecretString::from(format!("{:x<length$}", format!("Pw-{}-", state.drawn)))
        });
        answer.await.ok_or_else(|| failed("GetRandomPassword"))
    }
}
