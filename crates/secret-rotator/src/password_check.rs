//! Whether a password logs in: an AS exchange with the domain's own KDCs.
//!
//! An LDAP bind cannot tell: Active Directory takes the old password for about an hour after a reset.

use std::time::Duration;

use kerberos::{Client, Reason, Revocation};
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

fn verdict(answer: kerberos::Verdict) -> Verdict {
    use kerberos::Verdict as Kdc;
    let unclear = |advice: &str, kind| Verdict::Unclear(format!("{answer}{advice}"), kind);
    match &answer {
        Kdc::Accepted => Verdict::Accepted,
        Kdc::WrongPassword => Verdict::WrongPassword,
        Kdc::PasswordExpired => Verdict::Expired,
        Kdc::Revoked(Revocation::LockedOut) => Verdict::Revoked(format!(
            "the account {}; wait until that passes, and find out who tries wrong passwords",
            Revocation::LockedOut
        )),
        Kdc::Revoked(revocation) => Verdict::Revoked(format!("the account {revocation}")),
        Kdc::UnknownPrincipal => {
            unclear(". The secret must name the user by his sAMAccountName", Kind::Permanent)
        }
        Kdc::ClockSkew { .. } => unclear(
            ". Kerberos allows 5 minutes: see that the domain controllers keep the time",
            Kind::Transient,
        ),
        Kdc::NoCommonEncryption => unclear(
            ". Allow AES for the account (msDS-SupportedEncryptionTypes) and set its password once more",
            Kind::Permanent,
        ),
        Kdc::PolicyRejected => unclear(
            ". Let the account log in from anywhere, at any time, without a smart card: otherwise no password of it can \
             be tested",
            Kind::Permanent,
        ),
        Kdc::Unreachable(attempts) => {
            let attempts: Vec<String> = attempts
                .iter()
                .map(|attempt| format!("{} {}", attempt.address, reason(attempt.reason)))
                .collect();
            let advice = ". See that the function's subnets and security group reach TCP port 88 there";
            Verdict::Unclear(format!("{answer}: {}{advice}", attempts.join(", ")), Kind::Transient)
        }
    }
}

fn reason(reason: Reason) -> String {
    match reason {
        Reason::Dns => "has no address".to_owned(),
        Reason::Refused => "refused the connection".to_owned(),
        Reason::TimedOut => "was silent".to_owned(),
        Reason::Broken => "broke the connection off".to_owned(),
        Reason::Malformed(why) => format!("answered what is not Kerberos ({why})"),
        Reason::Local(why) => format!("could not be asked ({why})"),
        Reason::Error(code) => format!("answered with Kerberos error {code}"),
    }
}

#[cfg(test)]
mod tests {
    use kerberos::Attempt;
    use kerberos::Verdict as Kdc;

    use super::*;

    #[test]
    fn every_answer_of_a_kdc_is_to_be_gone_by_or_says_what_to_do() {
        let attempt = |reason| Attempt { address: "10.0.0.1:88".to_owned(), reason };
        let all = vec![
            attempt(Reason::Refused),
            attempt(Reason::TimedOut),
            attempt(Reason::Dns),
            attempt(Reason::Broken),
            attempt(Reason::Malformed("length")),
            attempt(Reason::Error(68)),
            attempt(Reason::Local("cipher")),
        ];
        assert_eq!(verdict(Kdc::Accepted), Verdict::Accepted);
        assert_eq!(verdict(Kdc::WrongPassword), Verdict::WrongPassword);
        assert_eq!(verdict(Kdc::PasswordExpired), Verdict::Expired);
        let cases = [
            (Kdc::UnknownPrincipal, Kind::Permanent, "sAMAccountName"),
            (Kdc::ClockSkew { offset: 360 }, Kind::Transient, "360 s"),
            (Kdc::NoCommonEncryption, Kind::Permanent, "AES"),
            (Kdc::PolicyRejected, Kind::Permanent, "smart card"),
            (Kdc::Unreachable(all), Kind::Transient, "10.0.0.1:88 was silent"),
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
