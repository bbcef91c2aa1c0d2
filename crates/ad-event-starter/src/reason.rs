//! Why a record starts nothing.

use std::fmt;

use crate::metric::Metric;

/// Defines the reasons: name, code, what it is counted as.
macro_rules! reasons {
    ($($(#[$docs:meta])* $name:ident: $code:literal, $metric:ident;)+) => {
        /// Why a record starts nothing.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Reason {
            $($(#[$docs])* $name,)+
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The code that logs show.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// What a record with this reason is counted as.
            pub fn metric(self) -> Metric {
                match self { $(Self::$name => Metric::$metric,)+ }
            }
        }
    };
}

reasons! {
    /// Not one of the events that tell of a user who came or went.
    OtherEvent: "other-event", Ignored;
    /// Not an event of the security log.
    OtherProvider: "other-provider", Ignored;
    /// A computer, a managed service account, a trust, or an account that hides behind a `$`.
    NotAPerson: "not-a-person", Ignored;
    /// An account that each domain has from its beginning, such as `Administrator`.
    BuiltInAccount: "built-in-account", Ignored;
    /// An account of another domain, or of one machine.
    OtherDomain: "other-domain", Ignored;
    /// A user who was enabled, from whom nothing had been taken.
    NothingToPutBack: "nothing-to-put-back", Ignored;
    /// A user of another directory.
    OtherDirectory: "other-directory", Ignored;
    /// A call that failed and so changed nothing.
    FailedCall: "failed-call", Ignored;
    /// An event of another source, or of another kind.
    OtherSource: "other-source", Ignored;

    /// A new user without a user principal name.
    NoUpn: "no-upn", Refused;
    /// A user principal name that is not one of this directory.
    ForeignUpn: "foreign-upn", Refused;
    /// A name that Directory Service Data does not take.
    UnusableName: "unusable-name", Refused;
    /// The event gives two names to one account.
    NamesDiffer: "names-differ", Refused;
    /// A security identifier that is not one of a domain's account.
    UnusableSid: "unusable-sid", Refused;

    /// An item of the batch that is no log event.
    NotALogEvent: "not-a-log-event", Undecodable;
    /// A message without an event in XML.
    NoXml: "no-xml", Undecodable;
    /// A message with a document type declaration.
    DocumentType: "document-type", Undecodable;
    /// XML that is not well-formed, or not that of an event.
    MalformedXml: "malformed-xml", Undecodable;
    /// An entity that XML itself does not define.
    UnknownEntity: "unknown-entity", Undecodable;
    /// A message, a tag or a value beyond all that Windows writes.
    TooLarge: "too-large", Undecodable;
    /// Elements in elements beyond all that Windows writes.
    TooDeep: "too-deep", Undecodable;
    /// A value that is there twice.
    RepeatedField: "repeated-field", Undecodable;
    /// A value that is not there.
    MissingField: "missing-field", Undecodable;
    /// A value that is not what it should be, such as a number.
    UnusableField: "unusable-field", Undecodable;
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_a_code_of_its_own_and_is_in_the_readme() {
        let readme = include_str!("../../../README.md");
        let codes: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
        for code in codes {
            assert!(readme.contains(&format!("`{code}`")), "README.md does not explain {code}");
        }
    }
}
