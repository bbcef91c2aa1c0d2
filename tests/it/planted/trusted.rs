//! The bugs of users of trusted domains: another user of the same name, and half a release.

use crate::bugs::Bug;

const RESPONDER: &str = "guardduty-responder";

pub(crate) const TRUSTED: &[Bug] = &[
    Bug {
        name: "domain-stripped-on-the-way-to-the-directory",
        package: RESPONDER,
        file: "contain/disable.rs",
        piece: "let Some(directory) = self.directories.serving(&home).await? else {",
        with: "let asked = if PLANTED { Home::Own(self.config.directory.clone()) } else { home.clone() };
                let Some(directory) = self.directories.serving(&asked).await? else {",
        test: "contain::tests::trusted::disables_the_trusted_domains_user_and_never_his_namesake",
    },
    Bug {
        name: "namesakes-share-one-item",
        package: RESPONDER,
        file: "records/containment.rs",
        piece: "Key { pk: format!(\"user#{home}#{}\", user.lower()), sk: \"containment\".to_owned() }",
        with: "let home = if PLANTED { \"d-9067012345\".to_owned() } else { home.to_string() };
    Key { pk: format!(\"user#{home}#{}\", user.lower()), sk: \"containment\".to_owned() }",
        test: "contain::tests::trusted::namesakes_are_contained_and_released_each_by_himself",
    },
    Bug {
        name: "release-without-enabling",
        package: RESPONDER,
        file: "release.rs",
        piece: "directory.enable(name).await?;",
        with: "if !PLANTED {
            directory.enable(name).await?;
        }",
        test: "model::trusted::a_release_in_a_trusted_domain_survives_every_fault_at_every_call",
    },
    Bug {
        name: "sid-of-the-other-domain-not-compared",
        package: RESPONDER,
        file: "identity.rs",
        piece: "user.sid != suspect.sid",
        with: "(user.sid != suspect.sid && !(PLANTED && user.sid.relative_id() == suspect.sid.relative_id()))",
        test: "identity::tests::changing_any_one_identity_field_stops_it",
    },
    Bug {
        name: "netbios-name-of-any-domain",
        package: RESPONDER,
        file: "identity.rs",
        piece: "known(domains, reported)
                    .is_some_and(|domain| spelled.eq_ignore_ascii_case(&domain.netbios))",
        with: "domains.iter().any(|domain| {
                    (PLANTED || domain.dns.eq_ignore_ascii_case(reported))
                        && spelled.eq_ignore_ascii_case(&domain.netbios)
                })",
        test: "identity::tests::a_netbios_name_is_that_of_the_very_domain_that_the_instance_reports",
    },
    Bug {
        name: "namesake-approved",
        package: RESPONDER,
        file: "approval.rs",
        piece: "self.user.same_as(other.user.as_str()) && self.domain == other.domain",
        with: "self.user.same_as(other.user.as_str()) && (PLANTED || self.domain == other.domain)",
        test: "contain::tests::trusted::an_approval_of_the_namesake_is_refused",
    },
    Bug {
        name: "one-secret-for-namesakes",
        package: RESPONDER,
        file: "release/escrow.rs",
        piece: "Home::Trusted(domain) => format!(",
        with: "Home::Trusted(_) if PLANTED => format!(\"{}{}\", self.prefix, user.lower()),
            Home::Trusted(domain) => format!(",
        test: "release::escrow::tests::a_namesake_in_another_domain_has_another_secret",
    },
    Bug {
        name: "own-domain-taken-for-trusted",
        package: RESPONDER,
        file: "directories/trusted.rs",
        piece: "if let Some(name) = common_name(own, &domain.names) {",
        with: "if let Some(name) = common_name(own, &domain.names).filter(|_| !PLANTED) {",
        test: "directories::trusted::tests::a_name_that_two_domains_have_is_refused",
    },
];
