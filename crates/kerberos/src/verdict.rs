//! What the KDCs said about a password.

use std::fmt;

/// What the KDCs said. Only [`Verdict::Accepted`] is cryptographic proof; a KDC's errors are not authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The password is right: the KDC's reply opens with the key made from it.
    Accepted,
    /// The KDC tried the password and rejected it. Counts towards the account's lockout. Right after a reset this may
    /// be a domain controller that has not heard of it.
    WrongPassword,
    /// The account may not log in. Says nothing about the password.
    Revoked(Revocation),
    /// The password has expired or must be changed at the next log-in. It need not be the right one.
    PasswordExpired,
    /// The realm has no such user.
    UnknownPrincipal,
    /// The clocks differ too much. Positive: the KDC's clock is ahead.
    ClockSkew {
        /// The KDC's clock minus ours, in seconds.
        offset: i64,
    },
    /// The account has no AES key (RC4 and DES are never used), so its password cannot be tested.
    NoCommonEncryption,
    /// A rule of the domain forbids this log-in: hours, workstations, smart card.
    PolicyRejected,
    /// No KDC gave an answer to go by.
    Unreachable(Vec<Attempt>),
}

/// Why an account may not log in, as far as the KDC says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// Disabled.
    Disabled,
    /// Locked out after wrong passwords; passes with time.
    LockedOut,
    /// The account's own end date has passed.
    AccountExpired,
    /// The KDC does not say which of these.
    Unstated,
}

/// One address that gave no answer to go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The address as `ip:port`, or as configured where it could not be resolved.
    pub address: String,
    /// What happened.
    pub reason: Reason,
}

/// Why an address gave no answer to go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The host name has no address.
    Dns,
    /// Nothing listens there.
    Refused,
    /// No answer in this address's share of the time.
    TimedOut,
    /// The connection broke or the network has no way there.
    Broken,
    /// The answer is not what a KDC says; why.
    Malformed(&'static str),
    /// The KDC answered with an error that says nothing about the account (RFC 4120 section 7.5.9).
    Error(u32),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted => f.write_str("the directory accepts the password"),
            Self::WrongPassword => f.write_str("the directory rejects the password"),
            Self::Revoked(revocation) => write!(f, "the account {revocation}"),
            Self::PasswordExpired => {
                f.write_str("the password has expired or must be changed at the next log-in")
            }
            Self::UnknownPrincipal => f.write_str("the directory has no such user"),
            Self::ClockSkew { offset } => write!(f, "the clocks differ by {offset} s"),
            Self::NoCommonEncryption => f.write_str("the account has no AES key"),
            Self::PolicyRejected => f.write_str("a rule of the domain forbids this log-in"),
            Self::Unreachable(attempts) => {
                write!(f, "no domain controller answered ({} tried)", attempts.len())
            }
        }
    }
}

impl fmt::Display for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disabled => "is disabled",
            Self::LockedOut => "is locked out",
            Self::AccountExpired => "has expired",
            Self::Unstated => "is disabled, locked out or expired",
        })
    }
}
