//! The independent witness: CloudTrail's records of `DisableUser` and of releases and answers that people start.
//!
//! It has no power over the directory. A `DisableUser` of the responder is told by the responder; the witness tells
//! it only when the responder did not. A call of anybody else is told here. A release or an answer that
//! somebody starts gets its caller.

mod config;
mod event;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use steward_core::error::chain;
use steward_core::ids::UserName;
use steward_core::metrics::Metrics;

pub use config::Config;
pub use event::{Seen, read};

use crate::clock;
use crate::error::Error;
use crate::home::Home;
use crate::metric::Metric;
use crate::notice::{self, Notice, Notices, Told, Topic};
use crate::records::{
    self, Caller, Change, Claim, Containment, Store, Table, caller_key, containment_key, look_at_notice,
};

/// Everything that the witness acts on.
#[derive(Debug)]
pub struct Witness<S, N> {
    /// The decision table.
    pub store: S,
    /// Where people are told.
    pub notices: N,
    /// Where outcomes are counted.
    pub metrics: Metrics,
    /// The configuration.
    pub config: Config,
}

/// The witness as the function runs it.
pub type Live = Witness<Table, Topic>;

impl<S: Store + Sync, N: Notices + Sync> Witness<S, N> {
    /// Looks at a batch of records. A record that fails, for whatever reason, goes back to the queue and in the end
    /// to its dead-letter queue; the others are not held up.
    ///
    /// # Errors
    /// When a message has no id and so cannot be given back alone.
    pub async fn handle(&self, batch: SqsEvent) -> Result<SqsBatchResponse, Error> {
        let mut response = SqsBatchResponse::default();
        for message in batch.records {
            let id = message.message_id.clone().filter(|id| !id.is_empty());
            let id = id.ok_or_else(|| Error::Input("a message of the batch has no messageId".to_owned()))?;
            if let Err(error) = self.look(&message).await {
                tracing::warn!(message.id = id, "a record goes back to the queue: {}", chain(&error));
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = id;
                response.batch_item_failures.push(failure);
            }
        }
        Ok(response)
    }

    async fn look(&self, message: &SqsMessage) -> Result<(), Error> {
        let seen = read(message.body.as_deref().unwrap_or_default())?;
        match seen {
            Seen::Disabled { user, directory, event_id, by_role, caller } => {
                if directory != self.config.directory.as_str() {
                    tracing::info!(event.id = event_id, reason = "foreign-directory", "record ignored");
                    return Ok(());
                }
                self.tell_disabled(&user, &event_id, by_role.as_deref(), &caller).await
            }
            Seen::Started { state_machine, execution, caller } => {
                let asks = [&self.config.release_state_machine_arn, &self.config.approve_state_machine_arn];
                if !asks.contains(&&state_machine) {
                    tracing::info!(state_machine, reason = "foreign-state-machine", "record ignored");
                    return Ok(());
                }
                self.note_caller(&execution, &caller).await
            }
            Seen::Ignored(reason) => {
                tracing::info!(reason, "record ignored");
                Ok(())
            }
        }
    }

    async fn tell_disabled(
        &self,
        user: &str,
        event_id: &str,
        by_role: Option<&str>,
        caller: &Caller,
    ) -> Result<(), Error> {
        let ours = if by_role == Some(self.config.responder_role_arn.as_str()) {
            self.containments(user).await?
        } else {
            Vec::new()
        };
        let told = if ours.is_empty() {
            let notice = notice::seen_by_witness(user, self.config.directory.as_str(), caller);
            self.tell(&format!("disable#{event_id}"), event_id, &notice, Metric::DisabledByOthers).await?
        } else {
            // The record does not say which of them it is.
            let mut told = Told::Before;
            for held in &ours {
                if self.tell_unreported(held, event_id, caller).await? == Told::Now {
                    told = Told::Now;
                }
            }
            told
        };
        tracing::info!(user.name = user, ours = !ours.is_empty(), told = ?told, "DisableUser seen");
        Ok(())
    }

    async fn tell_unreported(
        &self,
        held: &Containment,
        event_id: &str,
        caller: &Caller,
    ) -> Result<Told, Error> {
        // The execution may only be slow: it still ends sessions. Its own notice says more, and is sent all the same.
        match look_at_notice(&self.store, &held.cause, clock::now()).await? {
            Claim::Sent => Ok(Told::Before),
            Claim::BeingSent => Err(Error::NoticeBusy(held.cause.clone())),
            Claim::Send => {
                let undo = &self.config.release_state_machine_arn;
                let notice = notice::unreported(held, caller, &self.config.links(), undo);
                let cause = format!("{}#witness", held.cause);
                self.tell(&cause, event_id, &notice, Metric::Unreported).await
            }
        }
    }

    /// Tells people of a cause, and counts it.
    async fn tell(
        &self,
        cause: &str,
        event_id: &str,
        notice: &Notice,
        metric: Metric,
    ) -> Result<Told, Error> {
        let sender = format!("witness#{event_id}");
        let told = notice::tell(&self.store, &self.notices, cause, &sender, clock::now(), notice).await?;
        if told == Told::Now {
            self.metrics.count(metric);
        }
        Ok(told)
    }

    /// The containment that holds the user, and those before it that the record may be about as well.
    async fn containments(&self, user: &str) -> Result<Vec<Containment>, Error> {
        let Ok(user) = user.parse::<UserName>() else { return Ok(Vec::new()) };
        // CloudTrail sees the own directory only.
        let home = Home::Own(self.config.directory.clone());
        let (held, _) = self.store.read::<Containment>(&containment_key(&home, &user)).await?;
        let Some(mut held) = held else { return Ok(Vec::new()) };
        let mut all = std::mem::take(&mut held.earlier);
        all.push(held);
        Ok(all)
    }

    async fn note_caller(&self, execution: &str, caller: &Caller) -> Result<(), Error> {
        records::update(&self.store, &caller_key(execution), |known: Option<Caller>| match known {
            Some(_) => Change::Keep(()),
            None => Change::Write(caller.clone(), ()),
        })
        .await?;
        tracing::info!(execution, caller = caller.arn, "caller noted");
        Ok(())
    }
}

#[cfg(test)]
mod tests;
