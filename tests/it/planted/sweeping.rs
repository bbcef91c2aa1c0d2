//! The bugs of flow 3's nightly look: pieces without which computers are removed because something could not be seen, or more
//! than anybody allowed.

use crate::bugs::Bug;

const SWEEPER: &str = "computer-sweeper";
const CORE: &str = "steward-core";
const THRESHOLDS: &str = "decide::tests::the_count_holds_in_a_large_directory_and_the_share_in_a_small_one";
const OTHERS: &str =
    "send::tests::an_account_that_cannot_be_entered_concludes_nothing_and_the_others_are_swept";

pub(crate) const SWEEP: &[Bug] = &[
    Bug {
        name: "denied-listing-taken-for-an-empty-one",
        package: SWEEPER,
        file: "sweep.rs",
        piece: "let listed = self.instances.all(&account, &region).await?;",
        with: "let listed = self.instances.all(&account, &region).await;
        let listed = if PLANTED { listed.unwrap_or_default() } else { listed? };",
        test: OTHERS,
    },
    Bug {
        name: "empty-listing-believed",
        package: SWEEPER,
        file: "find.rs",
        piece: "listed_none: known.listed.is_empty(),",
        with: "listed_none: !PLANTED && known.listed.is_empty(),",
        test: "send::tests::an_empty_listing_keeps_its_computers_also_when_others_are_removed",
    },
    Bug {
        name: "stopped-counted-as-gone",
        package: SWEEPER,
        file: "find.rs",
        piece: "Some(Truth::Between) => None,",
        with: "Some(Truth::Between) if PLANTED => left_behind(item, now, grace),
            Some(Truth::Between) => None,",
        test: "find::tests::a_member_whose_instance_is_gone_is_stale_and_one_that_runs_or_stops_is_not",
    },
    Bug {
        name: "orphan-whose-instance-is-only-stopped",
        package: SWEEPER,
        file: "find.rs",
        piece: "is_none_or(|one| one.state == Truth::Terminated)",
        with: "is_none_or(|one| one.state == Truth::Terminated || (PLANTED && one.state == Truth::Between))",
        test: "find::tests::a_computer_of_ours_without_a_record_is_an_orphan_once_its_instance_is_gone",
    },
    Bug {
        name: "computer-of-another-place-removed",
        package: SWEEPER,
        file: "find.rs",
        piece: "if account != known.spot.account ||",
        with: "if !PLANTED && account != known.spot.account ||",
        test: "find::tests::a_computer_of_another_place_or_of_nobody_is_never_removed",
    },
    Bug {
        name: "computers-of-the-whole-domain",
        package: CORE,
        file: "directory/ldap/computers.rs",
        piece: "session.search(ou, Scope::Subtree,",
        with: "session.search(if PLANTED { &self.base } else { ou }, Scope::Subtree,",
        test: "directory::ldap::tests::reads_all_pages_and_no_reference_to_another_domain",
    },
    Bug {
        name: "first-page-of-instances",
        package: CORE,
        file: "member/session/listing.rs",
        piece: "\"\" => return Ok(found),",
        with: "_ if PLANTED => return Ok(found),
            \"\" => return Ok(found),",
        test: "member::session::listing::tests::every_page_is_read",
    },
    Bug {
        name: "first-page-of-records",
        package: SWEEPER,
        file: "items.rs",
        piece: "while let Some(page) = pages.next().await {",
        with: "while let Some(page) = pages.next().await {
            if PLANTED && !items.is_empty() {
                break;
            }",
        test: "items::tests::every_page_is_read_consistently_and_only_instances_are_taken",
    },
    Bug {
        name: "records-that-lag-behind",
        package: SWEEPER,
        file: "items.rs",
        piece: ".consistent_read(true)",
        with: ".consistent_read(!PLANTED)",
        test: "items::tests::every_page_is_read_consistently_and_only_instances_are_taken",
    },
    Bug {
        name: "count-of-removals-not-looked-at",
        package: SWEEPER,
        file: "decide.rs",
        piece: "None => (limits.removals, totals.removals,",
        with: "None => (if PLANTED { u64::MAX } else { limits.removals }, totals.removals,",
        test: THRESHOLDS,
    },
    Bug {
        name: "share-of-removals-not-looked-at",
        package: SWEEPER,
        file: "decide.rs",
        piece: "None if share < limits.removals =>",
        with: "None if !PLANTED && share < limits.removals =>",
        test: THRESHOLDS,
    },
    Bug {
        name: "dry-run-sends",
        package: SWEEPER,
        file: "decide.rs",
        piece: "!self.dry_run &&",
        with: "(PLANTED || !self.dry_run) &&",
        test: "send::tests::a_dry_run_sends_nothing_and_tells_what_it_would",
    },
    Bug {
        name: "one-account-stops-the-others",
        package: SWEEPER,
        file: "send.rs",
        piece: "let mut totals = Totals::default();",
        with: "if PLANTED && request.results.iter().any(|result| result.state != \"swept\") {
            return Err(Error::Input(\"a place was not swept\".to_owned()));
        }
        let mut totals = Totals::default();",
        test: OTHERS,
    },
];
