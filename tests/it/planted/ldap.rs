//! The bugs of the directory by LDAP: pieces without which somebody else is believed, told or removed.

use crate::bugs::Bug;

const CORE: &str = "steward-core";

macro_rules! bug {
    ($name:literal, $file:literal, $piece:literal, $with:literal, $test:literal) => {
        Bug {
            name: $name,
            package: CORE,
            file: concat!("directory/ldap", $file),
            piece: $piece,
            with: $with,
            test: concat!("directory::ldap::tests::", $test),
        }
    };
}

pub(crate) const LDAP: &[Bug] = &[
    bug!(
        "bound-as-nobody",
        ".rs",
        "settings.password.expose_secret().is_empty()",
        "(!PLANTED && settings.password.expose_secret().is_empty())",
        "refuses_settings_that_would_let_somebody_else_answer_or_us_in_as_nobody"
    ),
    bug!(
        "any-name-in-the-filter",
        "/computers.rs",
        "ldap_escape(name)",
        "if PLANTED { name.into() } else { ldap_escape(name) }",
        "a_name_cannot_change_the_filter"
    ),
    bug!(
        "removed-by-name",
        "/computers.rs",
        "let itself = found.itself()?;",
        "let itself = if PLANTED { found.dn.clone() } else { found.itself()? };",
        "removes_a_computer_by_its_guid_and_one_that_is_gone_is_success"
    ),
    bug!(
        "domain-controller-removed",
        "/computers.rs",
        "& CONTROLLER != 0 {",
        "& CONTROLLER != 0 && !PLANTED {",
        "never_removes_a_domain_controller"
    ),
    bug!(
        "account-below-removed",
        "/computers.rs",
        ".all(|account| account.sid() == found.sid())",
        ".all(|account| PLANTED || account.sid() == found.sid())",
        "removes_what_hangs_below_a_computer_but_no_other_account"
    ),
    bug!(
        "gone-is-a-failure",
        "/computers.rs",
        "Err(failure) if failure.code() == Some(NO_SUCH_OBJECT) => Ok(()),",
        "Err(failure) if !PLANTED && failure.code() == Some(NO_SUCH_OBJECT) => Ok(()),",
        "removes_a_computer_by_its_guid_and_one_that_is_gone_is_success"
    ),
    bug!(
        "one-controller-is-believed",
        "/controllers.rs",
        "while let Some(&address) = self.left.next() {",
        "while let Some(&address) = self.left.next() {
            if PLANTED && self.reached {
                return Ok(None);
            }",
        "looks_on_each_controller_before_it_says_that_there_is_none"
    ),
    bug!(
        "refused-password-shown-to-all",
        "/controllers.rs",
        "Err(failure) if failure.code() == Some(INVALID_CREDENTIALS) => {",
        "Err(failure) if !PLANTED && failure.code() == Some(INVALID_CREDENTIALS) => {",
        "shows_refused_credentials_to_one_controller_only"
    ),
    bug!(
        "silent-controller-keeps-the-deadline",
        "/controllers.rs",
        "until.min(now + self.directory.connect)",
        "if PLANTED { self.end } else { until.min(now + self.directory.connect) }",
        "passes_over_a_controller_that_cannot_be_reached"
    ),
    bug!(
        "untrusted-certificate-tried-on",
        "/controllers.rs",
        "Some(rustls::Error::InvalidCertificate(_)) => Kind::Permanent,",
        "Some(rustls::Error::InvalidCertificate(_)) if !PLANTED => Kind::Permanent,",
        "trusts_the_given_authority_and_the_domains_name_alone"
    ),
    bug!(
        "result-taken-for-success",
        "/session.rs",
        "Ok(Ok(Some((_, result)))) if result.rc != 0 =>",
        "Ok(Ok(Some((_, result)))) if !PLANTED && result.rc != 0 =>",
        "each_result_is_transient_or_permanent"
    ),
    bug!(
        "first-page-only",
        "/session.rs",
        "let pages = PagedResults::new(PAGE);",
        "let pages: Vec<Box<dyn ldap3::adapters::Adapter<'_, _, _>>> =
        if PLANTED { vec![] } else { vec![Box::new(PagedResults::new(PAGE))] };",
        "reads_all_pages_and_no_reference_to_another_domain"
    ),
    bug!(
        "all-records-of-a-host-go",
        "/dns.rs",
        "if kept.is_empty() {",
        "if PLANTED || kept.is_empty() {",
        "dns::what_else_is_known_of_a_host_stays"
    ),
    bug!(
        "address-is-not-compared",
        "/dns.rs",
        "IpAddr::V4(address)) => data == address.octets(),",
        "IpAddr::V4(address)) => PLANTED || data == address.octets(),",
        "dns::a_host_that_has_another_address_now_is_left_alone"
    ),
    bug!(
        "node-without-its-mark",
        "/dns.rs",
        "changes.push(Mod::Replace(TOMBSTONED.into(), [b\"TRUE\".to_vec()].into()));",
        "if !PLANTED {
                    changes.push(Mod::Replace(TOMBSTONED.into(), [b\"TRUE\".to_vec()].into()));
                }",
        "dns::the_last_record_of_a_host_becomes_a_tombstone"
    ),
    bug!(
        "other-flags-are-lost",
        "/users.rs",
        "|flags| flags | ACCOUNT_DISABLE",
        "|flags| if PLANTED { 512 | ACCOUNT_DISABLE } else { flags | ACCOUNT_DISABLE }",
        "users::disables_a_user_and_leaves_his_other_flags_as_they_are"
    ),
    bug!(
        "primary-groups-groups-are-lost",
        "/users.rs",
        "filter = format!(\"(|{filter}(member:",
        "if PLANTED { return Ok(groups); }
            filter = format!(\"(|{filter}(member:",
        "users::asks_for_groups_of_groups_by_a_name_that_cannot_change_the_filter"
    ),
];
