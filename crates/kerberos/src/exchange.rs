//! The exchange as functions of bytes and time: what is sent, and what follows from a reply.

use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretString};

use crate::hint::{self, Hint, Offer};
use crate::key::Key;
use crate::message::{self, Reply};
use crate::refusal::{self, Asked};
use crate::request::Request;
use crate::{Reason, Verdict, proof};

/// Whose password is tested.
#[derive(Clone, Copy)]
pub(crate) struct Account<'a> {
    pub(crate) realm: &'a str,
    pub(crate) user: &'a str,
    pub(crate) password: &'a SecretString,
}

impl Account<'_> {
    /// The salt where the KDC names none (RFC 4120 section 4).
    fn default_salt(&self) -> Vec<u8> {
        [self.realm, self.user].concat().into_bytes()
    }

    fn key(&self, hint: &Hint) -> Result<Key, Reason> {
        let salt = hint.salt.clone().unwrap_or_else(|| self.default_salt());
        Key::from_password(hint.etype, self.password.expose_secret().as_bytes(), &salt, hint.iterations)
    }
}

/// The first request: it has no proof.
pub(crate) struct Question<'a> {
    account: Account<'a>,
    request: Request,
}

/// What follows from the answer to the first request.
pub(crate) enum Step<'a> {
    /// The KDC has no need of a proof to say this.
    Answered(Verdict),
    /// Send the second request.
    Prove(Proof<'a>),
}

/// The second request: the time, encrypted with the key made from the password.
pub(crate) struct Proof<'a> {
    account: Account<'a>,
    request: Request,
    hints: Vec<Hint>,
    key: Key,
    /// The KDC would give this account's ticket to anybody.
    needless: bool,
}

impl<'a> Question<'a> {
    pub(crate) fn new(account: &Account<'a>, now: SystemTime) -> Result<Self, Reason> {
        Ok(Self { account: *account, request: Request::new(account, None, now)? })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.request.bytes()
    }

    /// Reads the reply. An account that needs no pre-authentication gets its ticket here; it still has to be proved,
    /// since a failure to open this reply would be our word and not the KDC's.
    pub(crate) fn read(&self, reply: &[u8], now: SystemTime) -> Result<Step<'a>, Reason> {
        let (hints, needless) = match message::read_reply(reply)? {
            Reply::Error(error) if refusal::asks_for_proof(&error) => match hint::from_refusal(&error)? {
                Offer::Password(hints) => (hints, false),
                Offer::OtherProof => return Ok(Step::Answered(Verdict::PolicyRejected)),
            },
            Reply::Error(error) => {
                return refusal::verdict(&error, Asked::WithoutPassword, now).map(Step::Answered);
            }
            Reply::Ticket(ticket) => (hint::from_ticket(&ticket)?, true),
        };
        let Some(hint) = hints.first() else {
            return Ok(Step::Answered(Verdict::NoCommonEncryption));
        };
        let key = self.account.key(hint)?;
        let request = Request::new(&self.account, Some(&key), now)?;
        Ok(Step::Prove(Proof { account: self.account, request, hints, key, needless }))
    }
}

impl Proof<'_> {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.request.bytes()
    }

    pub(crate) fn read(&self, reply: &[u8], now: SystemTime) -> Result<Verdict, Reason> {
        let ticket = match message::read_reply(reply)? {
            Reply::Error(error) => return refusal::verdict(&error, Asked::WithPassword, now),
            Reply::Ticket(ticket) => ticket,
        };
        let etype = proof::etype(&ticket).ok_or(Reason::Malformed("its encryption"))?;
        let opened = if etype == self.key.etype() {
            proof::open(&ticket, &self.key)?
        } else {
            let hint = self.hints.iter().find(|hint| hint.etype == etype);
            let key = self.account.key(hint.ok_or(Reason::Malformed("its encryption"))?)?;
            proof::open(&ticket, &key)?
        };
        match opened {
            Some(part) => {
                proof::check(&part, &ticket, &self.account, &self.request).map(|()| Verdict::Accepted)
            }
            // The KDC has not looked at the proof.
            None if self.needless => Ok(Verdict::WrongPassword),
            None => Err(Reason::Malformed("it is not encrypted with the account's key")),
        }
    }
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
