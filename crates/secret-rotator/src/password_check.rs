//! Whether a password logs in: an AS exchange with the domain's own KDCs.
//!
//! An LDAP bind cannot tell: Active Directory takes the old password for about an hour after a reset.

use std::time::Duration;

use kerberos::{Client, Reason};
use secrecy::SecretString;
use steward_core::error::Kind;
use steward_core::ids::UserName;

use crate::directories::Domain;

/// The longest that one check may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// What the directory says of a password, as far as a rotation goes by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It logs in.
    Accepted,
    /// It is rejected. On a domain controller that has not heard of a reset this passes.
    WrongPassword,
    /// The account may not log in: why.
    Revoked(String),
    /// The password has expired or must be changed. It need not be the right one.
    Expired,
    /// Nothing to go by: why, and what to do.
    Unclear(String, Kind),
}

/// A domain controller took a password and fell silent: it may count as wrong. Why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered(pub String);

/// Where passwords are tried.
pub trait PasswordCheck {
    /// Tries a password.
    ///
    /// # Errors
    /// [`Unanswered`].
    fn check(
        &self,
        domain: &Domain,
        user: &UserName,
        password: &SecretString,
    ) -> impl Future<Output = Result<Verdict, Unanswered>> + Send;
}

/// The domain's KDCs.
#[derive(Debug, Clone, Default)]
pub struct Kdcs {
    /// The client.
    pub client: Client,
}

impl PasswordCheck for Kdcs {
    async fn check(
        &self,
        domain: &Domain,
        user: &UserName,
        password: &SecretString,
    ) -> Result<Verdict, Unanswered> {
        let realm = domain.dns.to_uppercase();
        read(self.client.check(&domain.controllers, &realm, user.as_str(), password, DEADLINE).await)
    }
}

/// What the KDCs say says what to do, too.
fn read(answer: kerberos::Verdict) -> Result<Verdict, Unanswered> {
    use kerberos::Verdict as Kdc;
    Ok(match &answer {
        Kdc::Accepted => Verdict::Accepted,
        Kdc::WrongPassword => Verdict::WrongPassword,
        Kdc::PasswordExpired => Verdict::Expired,
        Kdc::Revoked(revocation) => Verdict::Revoked(revocation.to_string()),
        Kdc::Unreachable(attempts) if !attempts.iter().all(|attempt| never_asked(attempt.reason)) => {
            return Err(Unanswered(answer.to_string()));
        }
        Kdc::ClockSkew { .. } | Kdc::Unreachable(_) => Verdict::Unclear(answer.to_string(), Kind::Transient),
        Kdc::UnknownPrincipal | Kdc::NoCommonEncryption | Kdc::PolicyRejected => {
            Verdict::Unclear(answer.to_string(), Kind::Permanent)
        }
    })
}

/// Whether no password can have reached that address.
fn never_asked(reason: Reason) -> bool {
    match reason {
        Reason::Dns | Reason::Refused | Reason::Local(_) => true,
        Reason::TimedOut | Reason::Broken | Reason::Malformed(_) | Reason::Error(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use kerberos::Verdict as Kdc;
    use kerberos::{Attempt, Reason, Revocation};

    use super::*;

    #[test]
    fn every_answer_of_a_kdc_is_to_be_gone_by_or_says_why_not() {
        assert_eq!(read(Kdc::Accepted), Ok(Verdict::Accepted));
        assert_eq!(read(Kdc::WrongPassword), Ok(Verdict::WrongPassword));
        assert_eq!(read(Kdc::PasswordExpired), Ok(Verdict::Expired));
        let cases = [
            (Kdc::UnknownPrincipal, Kind::Permanent, "no such user"),
            (Kdc::ClockSkew { offset: 360 }, Kind::Transient, "360 s"),
            (Kdc::NoCommonEncryption, Kind::Permanent, "AES"),
            (Kdc::PolicyRejected, Kind::Permanent, "forbids"),
            (unreachable(&[Reason::Dns, Reason::Refused]), Kind::Transient, "10.0.0.1:88"),
        ];
        for (answer, kind, word) in cases {
            let Ok(Verdict::Unclear(text, found)) = read(answer) else { panic!("{word}") };
            assert_eq!(found, kind, "{text}");
            assert!(text.contains(word), "{text}");
        }
        for revocation in
            [Revocation::Disabled, Revocation::LockedOut, Revocation::AccountExpired, Revocation::Unstated]
        {
            assert!(matches!(read(Kdc::Revoked(revocation)), Ok(Verdict::Revoked(_))));
        }
    }

    #[test]
    fn a_domain_controller_that_fell_silent_may_have_counted_a_wrong_password() {
        for reason in [Reason::TimedOut, Reason::Broken, Reason::Malformed("length"), Reason::Error(60)] {
            let Err(Unanswered(text)) = read(unreachable(&[Reason::Refused, reason])) else {
                panic!("{reason:?}")
            };
            assert!(text.contains("10.0.0.1:88"), "{text}");
        }
    }

    fn unreachable(reasons: &[Reason]) -> Kdc {
        let attempt = |reason: &Reason| Attempt { address: "10.0.0.1:88".to_owned(), reason: *reason };
        Kdc::Unreachable(reasons.iter().map(attempt).collect())
    }
}
