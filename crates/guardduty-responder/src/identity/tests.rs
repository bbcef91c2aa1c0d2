use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::testing::{DOMAIN, PARTNER, partner_sid, partner_uid, sid, uid};

mod case;

use case::{ALICE, BOB, Case, LOCAL, P, THEIR_ALICE, case, p};

/// Findings that name a directory user beyond doubt, and whom.
fn certain() -> Vec<(&'static str, Case, &'static str)> {
    let a = || p(uid(ALICE)).login(uid(ALICE));
    let b = || p(uid(BOB)).login(uid(BOB));
    let root = || p(0);
    let su_to_bob = || p(uid(BOB)).login(uid(ALICE));
    let sudo_root = || p(0).login(uid(ALICE));
    let t = || p(partner_uid(ALICE)).login(partner_uid(ALICE));
    vec![
        ("plain", case("alice", &[a(), a(), root()]), "alice"),
        ("upper case", case("ALICE", &[a(), a(), root()]), "alice"),
        ("user@domain", case("alice@corp.example.test", &[a(), a(), root()]), "alice"),
        ("user@DOMAIN", case("alice@CORP.EXAMPLE.TEST", &[a(), a(), root()]), "alice"),
        ("NETBIOS\\user", case("CORP\\alice", &[a(), a(), root()]), "alice"),
        ("netbios\\user", case("corp\\Alice", &[a(), a(), root()]), "alice"),
        ("DNS domain\\user", case("corp.example.test\\alice", &[a(), a(), root()]), "alice"),
        ("no lineage", case("alice", &[a()]), "alice"),
        ("long lineage", case("alice", &vec![a(); 17]), "alice"),
        ("curl has ended, its shell lives", case("alice", &[p(uid(ALICE)).gone(), a(), root()]), "alice"),
        (
            "only the log-in shell lives",
            case("alice", &[p(uid(ALICE)).gone(), p(uid(ALICE)).gone(), a()]),
            "alice",
        ),
        (
            "a parent of root's has ended and its id was given away",
            case("alice", &[a(), a(), root().reused()]),
            "alice",
        ),
        ("other user", case("bob", &[b(), b(), root()]), "bob"),
        ("other user, NETBIOS", case("CORP\\bob", &[b(), b(), root()]), "bob"),
        ("other user@domain", case("bob@corp.example.test", &[b(), b(), root()]), "bob"),
        ("sudo", case("root", &[sudo_root(), sudo_root(), a(), root()]), "alice"),
        (
            "sudo while it runs",
            case("root", &[sudo_root(), p(uid(ALICE)).euid(0).login(uid(ALICE)), a(), root()]),
            "alice",
        ),
        ("sudo -u bob", case("bob", &[su_to_bob(), sudo_root(), a(), root()]), "alice"),
        (
            "sudo to a local account",
            case("ssm-user", &[p(LOCAL).login(uid(ALICE)), sudo_root(), a()]),
            "alice",
        ),
        ("two users: alice became bob by su", case("bob", &[su_to_bob(), su_to_bob(), a(), root()]), "alice"),
        (
            "two users: bob became alice by su",
            case("alice", &[p(uid(ALICE)).login(uid(BOB)), b(), root()]),
            "bob",
        ),
        ("two users, no log-in id", case("bob", &[p(uid(BOB)), p(0), p(uid(ALICE)), root()]), "alice"),
        (
            "Session Manager: su from ssm-user",
            case("alice", &[p(uid(ALICE)), p(uid(ALICE)), p(LOCAL), root()]),
            "alice",
        ),
        (
            "Session Manager: su@domain",
            case("alice@corp.example.test", &[p(uid(ALICE)), p(LOCAL), root()]),
            "alice",
        ),
        (
            "Session Manager: su, then sudo",
            case("root", &[root(), root(), p(uid(ALICE)), p(LOCAL), root()]),
            "alice",
        ),
        (
            "Session Manager: curl has ended",
            case("alice", &[p(uid(ALICE)).gone(), p(uid(ALICE)), p(LOCAL), root()]),
            "alice",
        ),
        ("root shell: su", case("alice", &[p(uid(ALICE)), root(), root()]), "alice"),
        ("cron job", case("alice", &[p(uid(ALICE)), root()]), "alice"),
        ("trusted domain's alice", case("alice@partner.example.test", &[t(), t(), root()]), THEIR_ALICE),
        ("the same by NETBIOS name", case("PARTNER\\alice", &[t(), t(), root()]), THEIR_ALICE),
        ("the same without a domain", case("alice", &[t(), t(), root()]), THEIR_ALICE),
        (
            "trusted domain's alice with sudo",
            case("root", &[p(0).login(partner_uid(ALICE)), t(), root()]),
            THEIR_ALICE,
        ),
        (
            "trusted domain's alice became the own one by su",
            case("alice", &[p(uid(ALICE)).login(partner_uid(ALICE)), t(), root()]),
            THEIR_ALICE,
        ),
        (
            "the own alice became the trusted domain's by su",
            case("PARTNER\\alice", &[p(partner_uid(ALICE)).login(uid(ALICE)), a(), root()]),
            "alice",
        ),
    ]
}

#[test]
fn finds_exactly_the_user_who_acted() {
    let cases = certain();
    assert!(cases.len() >= 25);
    for (title, case, name) in cases {
        assert_eq!(case.name(), Ok(name.to_owned()), "{title}");
    }
}

/// Every way to change one identity field of a finding or an answer to another valid value.
fn changes(case: &Case) -> Vec<(String, Case)> {
    let mut changed = Vec::new();
    let mut change = |in_event: bool, pointer: String, value: Value| {
        let mut other = Case { event: case.event.clone(), answer: case.answer.clone() };
        let target = if in_event { &mut other.event } else { &mut other.answer };
        let Some(place) = target.pointer_mut(&pointer) else { return };
        if *place != value {
            *place = value.clone();
            changed.push((format!("{pointer} = {value}"), other));
        }
    };
    let process = "/detail/service/runtimeDetails/process";
    for user in [
        "carol",
        "dave@corp.example.test",
        "alice@other.example.test",
        "OTHER\\alice",
        "CORP\\carol",
        "al ice",
    ] {
        change(true, format!("{process}/user"), json!(user));
    }
    change(true, format!("{process}/userId"), json!(uid(ALICE) + 7));
    if case.answer["chain"][0]["state"] == "live" {
        change(true, format!("{process}/euid"), json!(uid(ALICE) + 7));
    }
    change(true, "/account".to_owned(), json!("999999999999"));
    change(true, "/detail/accountId".to_owned(), json!("999999999999"));
    change(true, "/detail/resource/instanceDetails/instanceId".to_owned(), json!("no-instance"));
    for i in 0..case.answer["accounts"].as_array().unwrap().len() {
        let account = format!("/accounts/{i}");
        if case.answer.pointer(&format!("{account}/kind")) != Some(&json!("directory")) {
            continue;
        }
        // Only the account of the human counts: others have no say.
        let human = case.suspect().unwrap().uid;
        if case.answer.pointer(&format!("{account}/uid")) != Some(&json!(human)) {
            continue;
        }
        change(false, format!("{account}/name"), json!("carol"));
        change(false, format!("{account}/name"), json!("bob;id"));
        change(false, format!("{account}/domain"), json!("other.example.test"));
        // The other alice has the same relative identifier, but not the same SID.
        change(false, format!("{account}/domain"), json!(DOMAIN));
        change(false, format!("{account}/domain"), json!(PARTNER));
        change(false, format!("{account}/sid"), json!(sid(ALICE)));
        change(false, format!("{account}/sid"), json!(partner_sid(ALICE)));
        change(false, format!("{account}/domain"), Value::Null);
        change(false, format!("{account}/sid"), json!(sid(1199)));
        change(false, format!("{account}/sid"), json!("S-1-5-21-9-9-9-1104"));
        change(false, format!("{account}/sid"), Value::Null);
        change(false, format!("{account}/kind"), json!("local"));
        change(false, format!("{account}/kind"), json!("unknown"));
        change(false, format!("{account}/uid"), json!(uid(ALICE) + 9));
    }
    for i in 0..case.answer["chain"].as_array().unwrap().len() {
        if case.answer["chain"][i]["state"] != "live" {
            continue;
        }
        if i == 0 || case.answer["chain"][i]["uid"] != 0 {
            change(false, format!("/chain/{i}/state"), json!("reused"));
        }
        change(false, format!("/chain/{i}/container"), json!(true));
        change(false, format!("/chain/{i}/container"), Value::Null);
        change(false, format!("/chain/{i}/pid"), json!(77));
    }
    changed
}

#[test]
fn changing_any_one_identity_field_stops_it() {
    let mut tried = 0;
    for (title, case, _) in certain() {
        for (what, changed) in changes(&case) {
            let outcome = changed.name();
            assert!(outcome.is_err(), "{title}: {what} gave {outcome:?}");
            tried += 1;
        }
    }
    assert!(tried > 500, "only {tried} changes were tried");
}

#[test]
fn a_user_id_that_disagrees_stops_it_wherever_the_process_still_runs() {
    for (title, case, _) in certain() {
        for i in 0..case.answer["chain"].as_array().unwrap().len() {
            if case.answer["chain"][i]["state"] != "live" {
                continue;
            }
            let mut changed = Case { event: case.event.clone(), answer: case.answer.clone() };
            changed.answer["chain"][i]["uid"] = json!(54_321);
            changed.answer["chain"][i]["euid"] = json!(54_321);
            assert_eq!(
                changed.name(),
                Err(Decision::NeedsPerson(Doubt::UidMismatch)),
                "{title}, process {i}"
            );
        }
    }
}

#[test]
fn refuses_or_doubts_with_the_reason_that_fits() {
    let a = || p(uid(ALICE)).login(uid(ALICE));
    let root = || p(0);
    let needs = Decision::NeedsPerson;
    let cases = [
        (
            "local user of the same name",
            case("alice", &[p(1002).login(1002), root()]),
            Decision::Refuse(Refusal::LocalUser),
        ),
        (
            "the same without a log-in id",
            case("alice", &[p(1002), root()]),
            Decision::Refuse(Refusal::LocalUser),
        ),
        ("root's own process", case("root", &[root(), root()]), Decision::Refuse(Refusal::RootUser)),
        ("root logged in", case("root", &[p(0).login(0), root()]), Decision::Refuse(Refusal::RootUser)),
        (
            "local log-in became alice",
            case("alice", &[p(uid(ALICE)).login(LOCAL), p(LOCAL).login(LOCAL)]),
            needs(Doubt::LocalLogin),
        ),
        (
            "root console became alice",
            case("alice", &[p(uid(ALICE)).login(0), p(0).login(0)]),
            needs(Doubt::LocalLogin),
        ),
        ("everything has ended", case("alice", &[a().gone(), a().gone()]), needs(Doubt::ProcessGone)),
        (
            "only root's process lives",
            case("alice", &[a().gone(), a().gone(), root()]),
            needs(Doubt::ProcessGone),
        ),
        ("pid reused", case("alice", &[a().reused(), a()]), needs(Doubt::PidReused)),
        ("a user's parent's pid reused", case("alice", &[a(), a().reused()]), needs(Doubt::PidReused)),
        (
            "log-in user outside the finding",
            case("alice", &[p(uid(ALICE)).login(uid(BOB)), root()]),
            needs(Doubt::LoginUserNotInFinding),
        ),
        ("nobody has the user id", case("4711", &[p(4711).login(4711)]), needs(Doubt::UnknownUid)),
        ("too long a lineage", case("alice", &vec![a(); 18]), needs(Doubt::LineageTooLong)),
    ];
    for (title, case, decision) in cases {
        assert_eq!(case.name(), Err(decision), "{title}");
    }
}

#[test]
fn a_user_of_a_domain_that_is_not_configured_cannot_be_contained_here() {
    let mut case = case("alice", &[p(uid(ALICE)).login(uid(ALICE))]);
    case.answer["accounts"][0]["domain"] = json!("other.example.test");
    assert_eq!(case.name(), Err(Decision::CannotContainHere));
}

#[test]
fn a_netbios_name_is_that_of_the_very_domain_that_the_instance_reports() {
    for (spelled, user) in [("CORP\\alice", partner_uid(ALICE)), ("PARTNER\\alice", uid(ALICE))] {
        let case = case(spelled, &[p(user).login(user), p(0)]);
        assert_eq!(case.name(), Err(Decision::NeedsPerson(Doubt::UserNameMismatch)), "{spelled}");
    }
}

#[test]
fn without_any_start_time_no_process_is_proved() {
    let mut case = case("alice", &[p(uid(ALICE)).login(uid(ALICE))]);
    case.event["detail"]["service"]["runtimeDetails"]["process"]["startTime"] = Value::Null;
    assert_eq!(case.name(), Err(Decision::NeedsPerson(Doubt::FindingIncomplete)));
}

#[test]
fn user_ids_that_sssd_did_not_derive_are_believed_only_when_told_so() {
    let mut case = case("alice", &[p(uid(ALICE)).login(uid(ALICE))]);
    case.answer["accounts"][0]["sid"] = json!(sid(ALICE + 1));
    assert_eq!(case.name(), Err(Decision::NeedsPerson(Doubt::UidNotFromSid)));
}

/// A process with any of the interesting user ids, log-ins and states.
fn any_process() -> impl Strategy<Value = P> {
    let id = || {
        prop_oneof![
            Just(0),
            Just(LOCAL),
            Just(1002),
            Just(uid(ALICE)),
            Just(uid(BOB)),
            Just(partner_uid(ALICE)),
            Just(4711)
        ]
    };
    let state = prop_oneof![4 => Just("live"), 1 => Just("gone"), 1 => Just("reused")];
    (id(), id(), proptest::option::of(id()), state).prop_map(|(uid, euid, login, state)| P {
        uid,
        euid,
        login,
        state,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// Whatever the processes are: who is found is a directory user whom GuardDuty's own user ids, a process that still
    /// runs and the directory's SID confirm.
    #[test]
    fn nobody_is_found_whom_three_sources_do_not_confirm(
        chain in proptest::collection::vec(any_process(), 1..6),
        spelled in prop_oneof![Just("alice"), Just("bob"), Just("root"), Just("ssm-user"), Just("CORP\\alice"), Just("PARTNER\\alice")],
    ) {
        let case = case(spelled, &chain);
        if let Ok(found) = case.suspect() {
            prop_assert!([uid(ALICE), uid(BOB), partner_uid(ALICE)].contains(&found.uid));
            prop_assert_eq!(found.domain == PARTNER, found.uid == partner_uid(ALICE), "each in his own domain");
            prop_assert_eq!(found.uid % SSSD_SLICE, found.sid.relative_id() % SSSD_SLICE);
            prop_assert!(chain.iter().any(|p| p.uid == found.uid), "GuardDuty saw him");
            prop_assert!(chain[0].state != "reused");
            let proved = |p: &P| p.state == "live" && (p.login == Some(found.uid) || p.uid == found.uid);
            prop_assert!(chain.iter().any(proved), "a process still proves him");
            let login = chain.iter().filter(|p| p.state == "live").find_map(|p| p.login);
            prop_assert!(login.is_none() || login == Some(found.uid), "a log-in id is the human");
        }
    }
}
