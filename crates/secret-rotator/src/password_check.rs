//! Whether a password logs in: an AS exchange with the domain's own KDCs.
//!
//! An LDAP bind cannot tell: Active Directory takes the old password for about an hour after a reset.

use std::time::Duration;

use kerberos::Client;
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

/// Where passwords are tried.
pub trait PasswordCheck {
    /// Tries a password.
    fn check(
        &self,
        domain: &Domain,
        user: &UserName,
        password: &SecretString,
    ) -> impl Future<Output = Verdict> + Send;
}

/// The domain's KDCs.
#[derive(Debug, Clone, Default)]
pub struct Kdcs {
    /// The client.
    pub client: Client,
}

impl PasswordCheck for Kdcs {
    async fn check(&self, domain: &Domain, user: &UserName, password: &SecretString) -> Verdict {
        let realm = domain.dns.to_uppercase();
        verdict(self.client.check(&domain.controllers, &realm, user.as_str(), password, DEADLINE).await)
    }
}

/// What the KDCs say says what to do, too.
fn verdict(answer: kerberos::Verdict) -> Verdict {
    use kerberos::Verdict as Kdc;
    match &answer {
        Kdc::Accepted => Verdict::Accepted,
        Kdc::WrongPassword => Verdict::WrongPassword,
        Kdc::PasswordExpired => Verdict::Expired,
        Kdc::Revoked(revocation) => Verdict::Revoked(revocation.to_string()),
        Kdc::ClockSkew { .. } | Kdc::Unreachable(_) => Verdict::Unclear(answer.to_string(), Kind::Transient),
        Kdc::UnknownPrincipal | Kdc::NoCommonEncryption | Kdc::PolicyRejected => {
            Verdict::Unclear(answer.to_string(), Kind::Permanent)
        }
    }
}

#[cfg(test)]
mod tests {
    use kerberos::Verdict as Kdc;
    use kerberos::{Attempt, Reason, Revocation};

    use super::*;

    #[test]
    fn every_answer_of_a_kdc_is_to_be_gone_by_or_says_why_not() {
        assert_eq!(verdict(Kdc::Accepted), Verdict::Accepted);
        assert_eq!(verdict(Kdc::WrongPassword), Verdict::WrongPassword);
        assert_eq!(verdict(Kdc::PasswordExpired), Verdict::Expired);
        let silent = Attempt { address: "10.0.0.1:88".to_owned(), reason: Reason::TimedOut };
        let cases = [
            (Kdc::UnknownPrincipal, Kind::Permanent, "no such user"),
            (Kdc::ClockSkew { offset: 360 }, Kind::Transient, "360 s"),
            (Kdc::NoCommonEncryption, Kind::Permanent, "AES"),
            (Kdc::PolicyRejected, Kind::Permanent, "forbids"),
            (Kdc::Unreachable(vec![silent]), Kind::Transient, "10.0.0.1:88"),
        ];
        for (answer, kind, word) in cases {
            let Verdict::Unclear(text, found) = verdict(answer) else { panic!("{word}") };
            assert_eq!(found, kind, "{text}");
            assert!(text.contains(word), "{text}");
        }
        for revocation in
            [Revocation::Disabled, Revocation::LockedOut, Revocation::AccountExpired, Revocation::Unstated]
        {
            assert!(matches!(verdict(Kdc::Revoked(revocation)), Verdict::Revoked(_)));
        }
    }
}
