//! From one domain controller to the next, within one deadline for all.

use std::net::SocketAddr;
use std::slice::Iter;

use ldap3::{LdapConnAsync, LdapConnSettings, LdapError, StdStream};
use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::super::DirectoryError;
use super::LdapDirectory;
use super::failure::INVALID_CREDENTIALS;
use super::session::{Session, confirmed};
use crate::error::Kind;

/// The domain controllers that have not been asked yet.
///
/// What one of them does not know another may: a new object takes seconds from one to the other, and an old one takes as
/// long to go. So whoever looks for something asks each of them; one that cannot be reached is passed over.
pub(super) struct Controllers<'a> {
    directory: &'a LdapDirectory,
    left: Iter<'a, SocketAddr>,
    end: Instant,
    attempts: Vec<String>,
    kind: Kind,
    reached: bool,
}

/// Why a domain controller is of no use.
enum Closed {
    /// Another one may be.
    Unreachable(String, Kind),
    /// Another one would say the same.
    Refused(DirectoryError),
}

impl LdapDirectory {
    /// All domain controllers. The deadline runs from now on.
    pub(super) fn controllers(&self) -> Controllers<'_> {
        Controllers {
            directory: self,
            left: self.controllers.iter(),
            end: Instant::now() + self.operation,
            attempts: Vec::new(),
            kind: Kind::Permanent,
            reached: false,
        }
    }

    async fn open(&self, address: SocketAddr, until: Instant) -> Result<Session, Closed> {
        let broken = |error: &std::io::Error| Closed::Unreachable(error.to_string(), Kind::Transient);
        let stream = TcpStream::connect(address).await.map_err(|error| broken(&error))?;
        let stream = stream.into_std().map_err(|error| broken(&error))?;
        let settings =
            LdapConnSettings::new().set_config(self.tls.clone()).set_std_stream(StdStream::Tcp(stream));
        // The name is what the certificate is checked against; the connection is there already.
        let secured = LdapConnAsync::with_settings(settings, &format!("ldaps://{}", self.domain)).await;
        let (connection, ldap) = secured.map_err(|error| not_secured(&error))?;
        // Ends when `ldap` is dropped. What breaks here is seen by whoever waits for an answer.
        tokio::spawn(connection.drive());
        let mut session = Session { ldap, until };
        self.bind(&mut session).await?;
        Ok(session)
    }

    async fn bind(&self, session: &mut Session) -> Result<(), Closed> {
        let bound = session.ldap.simple_bind(&self.user, self.password.expose_secret());
        match confirmed("LDAP bind", session.until, bound).await {
            Ok(()) => Ok(()),
            Err(failure) if failure.code() == Some(INVALID_CREDENTIALS) => {
                Err(Closed::Refused(DirectoryError::CredentialsRefused {
                    user: self.user.clone(),
                    reason: failure.reason(),
                }))
            }
            Err(failure) if failure.kind() == Kind::Transient => {
                Err(Closed::Unreachable(failure.reason(), Kind::Transient))
            }
            Err(failure) => Err(Closed::Refused(failure.into())),
        }
    }
}

impl Controllers<'_> {
    /// A session with the next one that can be reached; nothing once all have been asked.
    ///
    /// Credentials that one refuses are not shown to another: each wrong password counts towards a lockout.
    pub(super) async fn next(&mut self) -> Result<Option<Session>, DirectoryError> {
        while let Some(&address) = self.left.next() {
            let now = Instant::now();
            // Each that is left gets its share of what is left.
            let parts = u32::try_from(self.left.len() + 1).unwrap_or(u32::MAX);
            let until = now + self.end.saturating_duration_since(now) / parts;
            let connected = until.min(now + self.directory.connect);
            let (reason, kind) = match timeout_at(connected, self.directory.open(address, until)).await {
                Ok(Ok(session)) => {
                    self.reached = true;
                    return Ok(Some(session));
                }
                Ok(Err(Closed::Refused(error))) => return Err(error),
                Ok(Err(Closed::Unreachable(reason, kind))) => (reason, kind),
                Err(_) => ("timed out".to_owned(), Kind::Transient),
            };
            self.attempts.push(format!("{}: {reason}", address.ip()));
            if kind == Kind::Transient {
                self.kind = kind;
            }
        }
        match self.reached {
            true => Ok(None),
            false => Err(DirectoryError::NoController {
                domain: self.directory.domain.clone(),
                attempts: self.attempts.join("; "),
                kind: self.kind,
            }),
        }
    }
}

/// A certificate that is not trusted today is not trusted tomorrow.
fn not_secured(error: &LdapError) -> Closed {
    if let LdapError::Io { source } = error {
        let inner = source.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        let kind = match inner {
            Some(rustls::Error::InvalidCertificate(_)) => Kind::Permanent,
            _ => Kind::Transient,
        };
        return Closed::Unreachable(source.to_string(), kind);
    }
    Closed::Unreachable(error.to_string(), Kind::Transient)
}
