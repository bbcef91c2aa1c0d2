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
    /// This side could not ask; why.
    Local(&'static str),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted => f.write_str("the directory accepts the password"),
            Self::WrongPassword => f.write_str(
                "the directory rejects the password; right after a reset, a domain controller may not know it yet",
            ),
            Self::Revoked(revocation) => write!(f, "{revocation}"),
            Self::PasswordExpired => f.write_str(
                "the password has expired or must be changed at the next log-in: reset it, and let it not expire \
                 before the next rotation",
            ),
            Self::UnknownPrincipal => {
                f.write_str("the directory has no such user: check the user name and the directory in the secret")
            }
            Self::ClockSkew { offset } => {
                let direction = if *offset < 0 { "behind" } else { "ahead of" };
                let seconds = offset.unsigned_abs();
                write!(f, "the domain controller's clock is {seconds} s {direction} ours: set the wrong one")
            }
            Self::NoCommonEncryption => f.write_str(
                "the account has no AES key: allow AES for it (msDS-SupportedEncryptionTypes), then reset its \
                 password",
            ),
            Self::PolicyRejected => f.write_str(
                "a rule of the domain forbids this log-in: look at the account's log-on hours, workstations and \
                 smart card setting",
            ),
            Self::Unreachable(attempts) if attempts.is_empty() => {
                f.write_str("no domain controller is known: give the directory's addresses")
            }
            Self::Unreachable(attempts) => {
                let all: Vec<_> = attempts.iter().map(Attempt::to_string).collect();
                write!(f, "no domain controller gave an answer to go by: {}", all.join("; "))
            }
        }
    }
}

impl fmt::Display for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disabled => "the account is disabled: find out why before you enable it",
            Self::LockedOut => {
                "the account is locked out after wrong passwords: find who tries them, wait or unlock it"
            }
            Self::AccountExpired => "the account has expired: give it a later end date if it is still needed",
            Self::Unstated => "the account is disabled, locked out or expired: look at it in the directory",
        })
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.address, self.reason)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns => f.write_str("cannot be resolved: check the VPC's DNS"),
            Self::Refused => f.write_str("refused the connection: is it a domain controller?"),
            Self::TimedOut => {
                f.write_str("did not answer in time: check routes and security groups for port 88/tcp")
            }
            Self::Broken => f.write_str("broke the connection, or there is no route to it"),
            Self::Malformed(what) => write!(f, "sent a reply that is not valid: {what}"),
            Self::Error(code) => write!(f, "answered with the Kerberos error {code}"),
            Self::Local(what) => write!(f, "was not asked: {what}"),
        }
    }
}
