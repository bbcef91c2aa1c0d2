//! Users of a trusted domain, whose names others have in the own one.

use super::*;
use crate::notice::Notice;
use crate::testing::{PARTNER, event_about, of_partner, partner_uid};

const THEIRS: &str = "alice@partner.example.test";

/// A finding about a process of the trusted domain's user, as GuardDuty spells him.
fn their_event(finding: &str, name: &str, relative_id: u32) -> Value {
    let mut event = of_partner(&event_about(finding, name, relative_id), relative_id);
    event["detail"]["service"]["runtimeDetails"]["process"]["user"] = json!(format!("{name}@{PARTNER}"));
    event
}

/// A world that has a trusted domain, and an instance that answers truthfully of its users and of the own ones.
fn world() -> World {
    let world = World::new();
    world.trust();
    for (name, relative_id) in [("alice", 1104), ("chief", 1107)] {
        let own = crate::testing::answer_about(name, relative_id);
        let theirs = of_partner(&own, relative_id).to_string();
        let mut state = world.state();
        state.replies_about.insert(crate::testing::uid(relative_id), Reply::Output(own.to_string()));
        state.replies_about.insert(partner_uid(relative_id), Reply::Output(theirs));
        let report = of_partner(&crate::testing::report(), 1104).to_string();
        state.report = Some(Reply::Output(report));
    }
    world
}

fn only_mail(world: &World) -> Notice {
    let state = world.state();
    let [mail] = &state.mails[..] else { panic!("{:?}", state.mails) };
    mail.clone()
}

#[tokio::test]
async fn disables_the_trusted_domains_user_and_never_his_namesake() {
    let world = world();
    for copy in 0..5 {
        run(&world.responder(), &their_event("f1", "alice", 1104), &format!("arn:x:{copy}")).await.unwrap();
    }
    assert!(!world.enabled(THEIRS) && world.enabled("alice"));
    assert_eq!(world.state().disabled.len(), 1);
    let Notice { subject, body } = only_mail(&world);
    assert!(subject.starts_with("[adsteward] alice@partner.example.test disabled"), "{subject}");
    for said in [
        "the directory user alice@partner.example.test",
        "LDAP modify userAccountControl of alice@partner.example.test: confirmed",
        r#""user":"alice","domain":"partner.example.test","reason""#,
        "CloudTrail sees no change by LDAP",
    ] {
        assert!(body.contains(said), "{said}: {body}");
    }
    assert!(!body.contains("ds-data"), "{body}");
    let owner = world.state().endings[0].clone();
    assert_eq!((owner.user.as_str(), owner.uid), ("alice", partner_uid(1104)), "his sessions are ended");
    let record = &world.decisions_of("arn:x:0")[0];
    assert_eq!((record.user.as_deref(), record.domain.as_deref()), (Some("alice"), Some(PARTNER)));
}

#[tokio::test]
async fn namesakes_are_contained_and_released_each_by_himself() {
    let world = world();
    run(&world.responder(), &event_about("f1", "alice", 1104), "arn:x:1").await.unwrap();
    assert!(!world.enabled("alice") && world.enabled(THEIRS));
    run(&world.responder(), &their_event("f2", "alice", 1104), "arn:x:2").await.unwrap();
    assert!(!world.enabled("alice") && !world.enabled(THEIRS));
    crate::release::tests::release(&world, "arn:r:1").await.unwrap();
    assert!(world.enabled("alice") && !world.enabled(THEIRS), "the other one stays contained");
    crate::release::tests::release_of(&world, Some(PARTNER), "arn:r:2").await.unwrap();
    assert!(world.enabled(THEIRS));
}

#[tokio::test]
async fn what_protects_and_what_stops_holds_in_a_trusted_domain_too() {
    let cases = [
        ("protected-group", "chief", &[][..]),
        ("protected-user", "alice", &[("PROTECTED_USERS", "krbtgt,ALICE")]),
        ("observe-mode", "alice", &[("MODE", "observe")]),
        ("budget-spent", "alice", &[("HOURLY_BUDGET", "0")]),
        ("protected-group", "alice", &[("TRUSTED_PROTECTED_GROUP", "Staff")]),
    ];
    for (reason, name, settings) in cases {
        let world = world();
        world.state().groups.insert(THEIRS.to_owned(), ["staff".to_owned()].into());
        let relative_id = if name == "chief" { 1107 } else { 1104 };
        let responder = world.responder_with(settings);
        run(&responder, &their_event("f1", name, relative_id), "arn:x:1").await.unwrap();
        assert_eq!(world.reasons(), [reason]);
        assert!(world.state().disabled.is_empty(), "{reason}");
        assert!(only_mail(&world).subject.contains(&format!("{name}@{PARTNER}")), "{reason}");
    }
    let world = world();
    world.state().kill_switch = true;
    run(&world.responder(), &their_event("f1", "alice", 1104), "arn:x:1").await.unwrap();
    assert_eq!(world.reasons(), ["kill-switch"]);
    assert!(world.enabled(THEIRS));
}

#[tokio::test]
async fn the_budget_counts_the_users_of_all_domains_together() {
    let world = world();
    let responder = world.responder_with(&[("HOURLY_BUDGET", "1")]);
    run(&responder, &event_about("f1", "alice", 1104), "arn:x:1").await.unwrap();
    run(&responder, &their_event("f2", "alice", 1104), "arn:x:2").await.unwrap();
    assert!(!world.enabled("alice") && world.enabled(THEIRS));
}

#[tokio::test]
async fn a_domain_that_is_not_configured_cannot_be_contained_here() {
    let world = world();
    world.state().trusted.clear();
    run(&world.responder(), &their_event("f1", "alice", 1104), "arn:x:1").await.unwrap();
    assert!(world.enabled(THEIRS) && world.enabled("alice"));
    // By its DNS name the domain is not known either way: the instance and GuardDuty agree on it.
    assert_eq!(world.reasons(), ["trusted-forest"]);
    assert!(only_mail(&world).body.contains("TrustedForestSecretArns"));
}

#[tokio::test]
async fn secrets_are_not_read_for_a_user_of_the_own_domain() {
    let world = world();
    run(&world.responder(), &event_about("f1", "alice", 1104), "arn:x:1").await.unwrap();
    assert!(!world.enabled("alice"));
    assert!(!world.state().operations.contains(&"GetSecretValue"), "{:?}", world.state().operations);
}

#[tokio::test]
async fn a_person_approves_the_user_of_the_domain_that_he_names_and_nobody_else() {
    let world = world();
    world.state().agent_absent = true;
    let responder = world.responder();
    let event = their_event("f1", "alice", 1104);
    let approve = async |token: String| {
        let domain = json!({
            "version": 1, "approval": question_of(&world), "answer": "approve", "user": "alice", "domain": PARTNER,
            "reason": "seen",
        });
        answer_as_eve(&world, &domain, &token).await.unwrap();
    };
    crate::testing::run_asking(&responder, &event, "arn:x:1", approve).await.unwrap();
    assert!(!world.enabled(THEIRS) && world.enabled("alice"));
}

#[tokio::test]
async fn an_approval_of_the_namesake_is_refused() {
    let world = world();
    let responder = world.responder_with(&[("MODE", "approve")]);
    let event = their_event("f1", "alice", 1104);
    let approve = async |token: String| {
        let mut input = json!({
            "version": 1, "approval": question_of(&world), "answer": "approve", "user": "alice", "reason": "seen",
        });
        let error = answer_as_eve(&world, &input, &token).await.unwrap_err().to_string();
        assert!(error.contains("about alice@partner.example.test, not about alice:"), "{error}");
        assert!(only_mail(&world).body.contains(r#""user":"alice","domain":"partner.example.test""#));
        input["domain"] = json!("Partner.Example.Test");
        answer_as_eve(&world, &input, &token).await.unwrap();
    };
    crate::testing::run_asking(&responder, &event, "arn:x:1", approve).await.unwrap();
    assert!(!world.enabled(THEIRS) && world.enabled("alice"));
}

/// The name of the one question.
fn question_of(world: &World) -> String {
    let items = world.table.items();
    let (_, question) = items.iter().find(|(key, _)| key.sk == "approval").unwrap();
    question["id"].as_str().unwrap().to_owned()
}

/// Eve, whom CloudTrail names, answers.
async fn answer_as_eve(world: &World, input: &Value, token: &str) -> Result<(), Error> {
    let execution = format!("arn:a:{}", token.len());
    crate::testing::know_who_asks(world, &execution, "arn:aws:iam::111122223333:user/eve");
    for step in [crate::approval::Step::Check, crate::approval::Step::Answer] {
        let started_at = clock::iso(clock::now());
        let request =
            crate::approval::Request { step, execution: execution.clone(), started_at, input: input.clone() };
        world.approver().handle(request).await?;
    }
    Ok(())
}

/// Each call in turn fails, before its effect or after it.
#[tokio::test]
async fn any_call_may_fail_once_and_the_namesake_is_never_touched() {
    let calls = {
        let world = world();
        run(&world.responder(), &their_event("f1", "alice", 1104), "arn:x:1").await.unwrap();
        world.state().calls
    };
    for call in 1..=calls {
        for lost_answer in [false, true] {
            let world = world();
            world.state().faults = Faults::once(call, lost_answer);
            let end = run(&world.responder(), &their_event("f1", "alice", 1104), "arn:x:1").await;
            assert_eq!(end.unwrap(), "Done", "call {call}");
            assert!(!world.enabled(THEIRS) && world.enabled("alice"), "call {call}");
            assert_eq!(world.state().disabled.len(), 1, "call {call}");
        }
    }
}

#[tokio::test]
async fn a_domain_that_is_no_more_configured_when_it_is_done_is_left_alone() {
    let world = world();
    let responder = world.responder();
    let request = |step, command: Option<&str>| Request {
        step,
        execution: "arn:x:1".to_owned(),
        started_at: Some(clock::iso(clock::now())),
        event: their_event("f1", "alice", 1104),
        command: command.map(str::to_owned),
        no_answer: None,
        token: None,
    };
    responder.handle(request(Step::Record, None)).await.unwrap();
    responder.handle(request(Step::Ask, None)).await.unwrap();
    assert_eq!(responder.handle(request(Step::Decide, Some("c1"))).await.unwrap().outcome, "contain");
    world.state().trusted.clear();
    assert_eq!(responder.handle(request(Step::Disable, None)).await.unwrap().reason, "trusted-forest");
    assert!(world.enabled(THEIRS) && world.enabled("alice"));
}
