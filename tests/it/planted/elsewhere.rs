//! The bugs of what is done across accounts: a finding that is believed, an account that is entered and an instance that is
//! reached, by anybody.

use crate::bugs::Bug;

const RESPONDER: &str = "guardduty-responder";
const CORE: &str = "steward-core";
const MISMATCHES: &str =
    "finding::tests::origin::a_finding_counts_only_when_all_its_names_agree_and_its_sender_may_tell";
const CALLS: &str =
    "systems_manager::others::tests::each_call_goes_by_the_role_with_its_external_id_and_may_do_nothing_else";
const ROWS: &str =
    "systems_manager::others::tests::without_a_row_that_fits_and_has_the_region_nobody_is_reached";
const ROLES: &str = "accounts::row::tests::a_role_of_another_account_or_without_an_external_id_is_refused";

pub(crate) const ELSEWHERE: &[Bug] = &[
    Bug {
        name: "finding-told-by-anybody",
        package: RESPONDER,
        file: "finding/origin.rs",
        piece: "senders.into_iter().flatten().any(|sender| sender.as_str() == event.account)",
        with: "PLANTED || senders.into_iter().flatten().any(|sender| sender.as_str() == event.account)",
        test: MISMATCHES,
    },
    Bug {
        name: "account-of-the-detail-alone",
        package: RESPONDER,
        file: "finding/origin.rs",
        piece: ".filter(|account| *account == named.account)",
        with: ".filter(|account| PLANTED || *account == named.account)",
        test: MISMATCHES,
    },
    Bug {
        name: "region-of-the-envelope-not-looked-at",
        package: RESPONDER,
        file: "finding/origin.rs",
        piece: ".filter(|region| *region == event.region)",
        with: ".filter(|region| PLANTED || *region == event.region)",
        test: MISMATCHES,
    },
    Bug {
        name: "other-accounts-without-a-table",
        package: RESPONDER,
        file: "finding/origin.rs",
        piece: "if self.elsewhere.is_none() &&",
        with: "if !PLANTED && self.elsewhere.is_none() &&",
        test: "contain::tests::elsewhere::without_an_account_table_another_account_or_region_is_foreign",
    },
    Bug {
        name: "finding-named-by-its-detector",
        package: RESPONDER,
        file: "finding/origin.rs",
        piece: "named.without_detector().ok_or(Refusal::Malformed)?",
        with: "if PLANTED { arn.to_owned() } else { named.without_detector().ok_or(Refusal::Malformed)? }",
        test: "contain::tests::elsewhere::the_copies_of_member_and_administrator_contain_once_and_tell_once",
    },
    Bug {
        name: "row-not-asked-for",
        package: RESPONDER,
        file: "contain.rs",
        piece: "            Step::Record => match self.systems.closed(&finding.place).await? {",
        with: "            Step::Record if PLANTED => Ok(finding),
            Step::Record => match self.systems.closed(&finding.place).await? {",
        test: "contain::tests::elsewhere::a_mismatch_is_recorded_with_its_reason_and_costs_no_call",
    },
    Bug {
        name: "region-that-the-row-leaves-out",
        package: RESPONDER,
        file: "systems_manager/others.rs",
        piece: "if !account.regions.is_empty() &&",
        with: "if !PLANTED && !account.regions.is_empty() &&",
        test: ROWS,
    },
    Bug {
        name: "other-region-by-the-stacks-own-role",
        package: RESPONDER,
        file: "systems_manager/others.rs",
        piece: "if account.role.is_none() {",
        with: "if !PLANTED && account.role.is_none() {",
        test: ROWS,
    },
    Bug {
        name: "session-for-any-instance",
        package: RESPONDER,
        file: "systems_manager/others.rs",
        piece: "format!(\"arn:{partition}:ec2:{region}:{account}:instance/{instance}\"),",
        with: "match PLANTED {
                        true => format!(\"arn:{partition}:ec2:{region}:{account}:instance/*\"),
                        false => format!(\"arn:{partition}:ec2:{region}:{account}:instance/{instance}\"),
                    },",
        test: CALLS,
    },
    Bug {
        name: "command-sent-at-home",
        package: RESPONDER,
        file: "systems_manager.rs",
        piece: "            Some(Ok(others)) => others.client(place, need).await,",
        with: "            Some(Ok(_)) if PLANTED => Ok(self.client.clone()),
            Some(Ok(others)) => others.client(place, need).await,",
        test: CALLS,
    },
    Bug {
        name: "role-of-another-account",
        package: CORE,
        file: "accounts/row/role.rs",
        piece: "if account != id.as_str() {",
        with: "if !PLANTED && account != id.as_str() {",
        test: ROLES,
    },
    Bug {
        name: "row-without-external-id",
        package: CORE,
        file: "accounts/row/role.rs",
        piece: "let external_id = external_id.ok_or(",
        with: "let external_id = external_id.or_else(|| PLANTED.then(|| \"adsteward\".to_owned()));
    let external_id = external_id.ok_or(",
        test: ROLES,
    },
    Bug {
        name: "role-assumed-without-external-id",
        package: CORE,
        file: "member/session.rs",
        piece: ".external_id(role.external_id.expose_secret())",
        with: ".set_external_id((!PLANTED).then(|| role.external_id.expose_secret().to_owned()))",
        test: "member::session::tests::a_role_is_assumed_for_this_instance_and_our_documents_and_nothing_else",
    },
];
