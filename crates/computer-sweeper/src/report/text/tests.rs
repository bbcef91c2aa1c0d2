use super::*;
use crate::decide::Totals;
use crate::find::Finding;
use crate::kept::Places;
use crate::testing::{ACCOUNT, EXECUTION, REGION, id, named};

fn finding(sort: Sort, number: u64) -> Finding {
    Finding { sort, instance: id(number) }
}

fn decision(totals: Totals) -> Decision {
    Decision {
        dry_run: false,
        totals,
        removals: totals.removals,
        trusts_empty: false,
        allowed: 20,
        refusal: None,
    }
}

/// A mail about one place where two computers are stale and one instance was not joined.
fn told(change: impl FnOnce(&mut Decision, &mut Found, &mut Places)) -> Notice {
    let mut places = Places { places: vec![named(ACCOUNT, REGION)], ..Places::default() };
    let mut found = Found {
        looks: vec![finding(Sort::Unjoined, 1)],
        removals: vec![finding(Sort::Stale, 2), finding(Sort::Stale, 3)],
        known: 40,
        strangers: 5,
        ..Found::default()
    };
    let mut decided = decision(Totals { known: 40, looks: 1, removals: 2, unconfirmed: 0 });
    change(&mut decided, &mut found, &mut places);
    let found = [(named(ACCOUNT, REGION), found)];
    let story =
        Story { execution: EXECUTION, places: &places, found: &found, failed: &[], decision: &decided };
    mail(&story)
}

#[test]
fn a_mail_says_what_was_found_done_and_where() {
    let mail = told(|_, _, _| {});
    assert_eq!(mail.subject, "[adsteward] sweep of computers: 2 to remove, 1 to join");
    let expected = format!(
        "sweep of computers: 2 to remove, 1 to join

FOUND      1 instance that should be joined, 2 computers whose instance is gone; 40 computers are known in all
DONE       domain-joiner was asked to look at 1 instance and to remove 2 computers. It asks EC2 again,
           and removes only what it can prove to be the instance's own.

111122223333 eu-central-1
  runs, and was never joined                      1  {}
  is gone, and is still recorded                  2  {}
                                                     {}

WHAT TO DO
  Nothing. domain-joiner tells what it cannot do. If it is the same instances night after night,
  look at the join queue and at domain-joiner's log.

DETAILS
  execution  {EXECUTION}
  others     5 computers in the OUs have no marker of adsteward; they are left alone
",
        id(1),
        id(2),
        id(3)
    );
    assert_eq!(mail.body, expected);
}

#[test]
fn a_dry_run_says_that_nothing_was_done_and_how_it_is() {
    let mail = told(|decision, _, _| decision.dry_run = true);
    assert!(mail.subject.contains("(dry run)"), "{}", mail.subject);
    assert!(mail.body.contains("DONE       nothing: this was a dry run"), "{}", mail.body);
    assert!(
        mail.body.contains("SweepMode: repair") && mail.body.contains(r#"'{"dryRun":false}'"#),
        "{}",
        mail.body
    );
    let machine = "arn:aws:states:eu-central-1:111122223333:stateMachine:adsteward-sweep-computers";
    assert!(mail.body.contains(machine), "{}", mail.body);
}

#[test]
fn what_is_held_back_says_why_and_how_a_person_goes_on() {
    let mail = told(|decision, _, _| {
        decision.refusal = Some(Refusal::TooLargeAShare);
        decision.removals = 0;
        decision.allowed = 1;
    });
    assert!(mail.subject.contains("2 removals held back"), "{}", mail.subject);
    assert!(mail.body.contains("2 of 40 are more than the share"), "{}", mail.body);
    assert!(mail.body.contains(r#"'{"dryRun":false,"allowRemovals":2}'"#), "{}", mail.body);
    assert!(!mail.body.contains("to remove 2"), "{}", mail.body);
}

#[test]
fn an_empty_listing_is_told_as_what_it_may_be() {
    let mail = told(|decision, found, _| {
        decision.totals.removals = 0;
        decision.totals.unconfirmed = 2;
        decision.removals = 0;
        found.listed_none = true;
    });
    assert!(mail.body.contains("EC2 lists no instance at all"), "{}", mail.body);
    assert!(mail.body.contains("2 computers not removed"), "{}", mail.body);
    assert!(mail.body.contains(r#""allowRemovals":2"#), "{}", mail.body);
}

#[test]
fn a_mail_is_short_however_much_was_found_and_holds_no_markup() {
    let places: Vec<Named> = (0..200).map(|number| named(&format!("{number:012}"), REGION)).collect();
    let all = (0..2000).map(|number| finding(Sort::Stale, number)).collect::<Vec<_>>();
    let found: Vec<_> = places
        .iter()
        .map(|place| (place.clone(), Found { removals: all.clone(), ..Found::default() }))
        .collect();
    let failed: Vec<_> = places.iter().map(|place| (place.clone(), "<b>".repeat(2000))).collect();
    let places = Places {
        places,
        problems: vec!["<script>\r\nWHAT TO DO".repeat(50); 200],
        rowless: (0..200).map(|number| (format!("{number:012}"), 1)).collect(),
    };
    let decided = decision(Totals { known: 400_000, looks: 0, removals: 400_000, unconfirmed: 0 });
    let story =
        Story { execution: EXECUTION, places: &places, found: &found, failed: &failed, decision: &decided };
    let mail = mail(&story);
    // SNS takes 256 KiB.
    assert!(mail.body.len() < 65_536, "{}", mail.body.len());
    assert!(!mail.body.contains(['<', '>', '\r']) && mail.subject.len() < 100);
    assert_eq!(mail.body.lines().filter(|line| line.starts_with("WHAT TO DO")).count(), 1);
    assert_eq!(mail.body.matches("and 1990 more").count(), 30);
}
