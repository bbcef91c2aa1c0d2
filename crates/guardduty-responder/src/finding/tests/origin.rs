//! Whose finding it is, and who sent it: each combination of the accounts and Regions that an event names.

use super::*;
use crate::testing::{MEMBER, MEMBER_REGION, WITH_MEMBERS, event_elsewhere};

const OWN: &str = "111122223333";
const ADMINISTRATOR: &str = "333344445555";
const THIRD: &str = "444455556666";
const REGION: &str = "eu-west-1";

/// A scope with other accounts, told of the administrator or not.
fn wide(administrator: &str) -> Scope {
    let changes = [WITH_MEMBERS[0], ("GUARDDUTY_ADMINISTRATOR_ACCOUNT", administrator)];
    testing::World::new().responder_with(&changes).config.scope
}

fn judge(scope: &Scope, event: &Value) -> Result<Finding, Refusal> {
    scope.screen(&serde_json::from_value(event.clone()).unwrap())
}

/// The accounts and Regions that an event names: envelope, detail, ARN.
fn event_of(accounts: [&str; 3], regions: [&str; 3]) -> Value {
    let mut event = testing::event();
    (event["account"], event["region"]) = (json!(accounts[0]), json!(regions[0]));
    let detail = &mut event["detail"];
    (detail["accountId"], detail["region"]) = (json!(accounts[1]), json!(regions[1]));
    detail["arn"] = json!(format!("arn:aws:guardduty:{}:{}:detector/d9/finding/f1", regions[2], accounts[2]));
    event
}

/// What must come of it, said without the code: the place, or nothing.
fn expected(accounts: [&str; 3], regions: [&str; 3], administrator: &str, wide: bool) -> bool {
    let [sender, account, named] = accounts;
    let one_place = account == named && regions.iter().all(|region| *region == regions[0]);
    let home = account == OWN && regions[1] == REGION;
    let sent = if home { sender == OWN } else { [account, OWN, administrator].contains(&sender) };
    one_place && sent && (home || wide)
}

#[test]
fn a_finding_counts_only_when_all_its_names_agree_and_its_sender_may_tell() {
    let accounts = [OWN, MEMBER, ADMINISTRATOR, THIRD];
    let regions = [REGION, MEMBER_REGION];
    let triples = |all: &[&'static str]| {
        let all = all.to_vec();
        let pairs = all.clone().into_iter().flat_map(move |a| all.clone().into_iter().map(move |b| (a, b)));
        pairs.collect::<Vec<_>>()
    };
    let (mut accepted, mut refused) = (0, 0);
    for (scope, administrator, is_wide) in
        [(scope(), "", false), (wide(""), "", true), (wide(ADMINISTRATOR), ADMINISTRATOR, true)]
    {
        for (sender, account) in triples(&accounts) {
            for (named, sent_from) in accounts.iter().flat_map(|named| regions.map(|region| (*named, region)))
            {
                for (region, in_arn) in triples(&regions) {
                    let (accounts, regions) = ([sender, account, named], [sent_from, region, in_arn]);
                    let judged = judge(&scope, &event_of(accounts, regions));
                    let counts = expected(accounts, regions, administrator, is_wide);
                    assert_eq!(
                        judged.is_ok(),
                        counts,
                        "{accounts:?} {regions:?} {administrator}: {judged:?}"
                    );
                    if let Ok(finding) = judged {
                        let place = &finding.place;
                        assert_eq!((place.account.as_str(), place.region.as_str()), (account, region));
                        accepted += 1;
                    } else {
                        refused += 1;
                    }
                }
            }
        }
    }
    // 1 alone; with others also: 4 accounts x 2 Regions but home, by themselves and by the stack's own account; then by
    // the administrator.
    assert_eq!((accepted, refused), (1 + (1 + 7 + 6) + (1 + 7 + 6 + 5), 3 * 4 * 4 * 4 * 8 - 34));
}

#[test]
fn each_mismatch_has_its_reason() {
    let wide = wide(ADMINISTRATOR);
    let here = [MEMBER_REGION; 3];
    for (accounts, regions, reason) in [
        ([THIRD, MEMBER, MEMBER], here, Refusal::ForeignSource),
        ([ADMINISTRATOR, OWN, OWN], [REGION; 3], Refusal::ForeignSource),
        (["", MEMBER, MEMBER], here, Refusal::ForeignSource),
        ([MEMBER, MEMBER, THIRD], here, Refusal::ForeignAccount),
        ([MEMBER, THIRD, MEMBER], here, Refusal::ForeignAccount),
        (["x", "x", "x"], here, Refusal::ForeignAccount),
        ([MEMBER; 3], [REGION, MEMBER_REGION, MEMBER_REGION], Refusal::ForeignRegion),
        ([MEMBER; 3], ["evil.example.test/"; 3], Refusal::ForeignRegion),
    ] {
        let judged = judge(&wide, &event_of(accounts, regions));
        assert_eq!(judged, Err(reason), "{accounts:?} {regions:?}");
    }
    let mut odd = event_elsewhere(MEMBER);
    for resource in
        ["detector/d1", "detector/d1/finding/", "detector/-/finding/f1", "detector/d1/finding/a b", "x"]
    {
        odd["detail"]["arn"] = json!(format!("arn:aws:guardduty:{MEMBER_REGION}:{MEMBER}:{resource}"));
        assert_eq!(judge(&wide, &odd), Err(Refusal::Malformed), "{resource}");
    }
}

#[test]
fn a_members_finding_has_one_name_whoever_sends_it_and_whichever_detector_it_names() {
    let names: Vec<String> = [MEMBER, ADMINISTRATOR, OWN]
        .into_iter()
        .enumerate()
        .map(|(at, sender)| {
            let mut event = event_elsewhere(sender);
            let arn = event["detail"]["arn"].as_str().unwrap().replace("/d1/", &format!("/d{at}/"));
            event["detail"]["arn"] = json!(arn);
            judge(&wide(ADMINISTRATOR), &event).unwrap().arn
        })
        .collect();
    let name = format!("arn:aws:guardduty:{MEMBER_REGION}:{MEMBER}:detector/-/finding/f1");
    assert_eq!(names, [name.as_str(); 3]);
    assert_eq!(screen(&testing::event()).unwrap().arn, testing::FINDING, "the stack's own keeps its own");
}
