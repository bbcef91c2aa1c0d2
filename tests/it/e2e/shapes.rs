//! Findings in all their shapes: how the user is spelled, how he got to the process, how GuardDuty writes it down.
//! Each disables exactly the user who acted.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::batch::Batch;
use crate::directory::{create_users, enabled_users};
use crate::finding::finding;
use crate::instance::LOCAL_ACCOUNT;
use crate::lab::{in_parallel, variable};
use crate::session::{Session, Way};
use crate::stack::text;

/// The user whom others become. He does nothing himself.
const BYSTANDER: &str = "bystander";

/// A finding about a process, and the user who must be disabled for it.
struct Shape {
    human: &'static str,
    /// Starts the session.
    session: Box<dyn FnOnce() -> Session + Send>,
    /// The name that the flagged process runs under, as GuardDuty spells it.
    user: String,
    /// Changes how GuardDuty writes the process down.
    form: fn(&mut Value),
}

/// A log-in shell, whose user is spelled in some way.
fn spelled(human: &'static str, user: &str) -> Shape {
    Shape { human, session: Box::new(|| Session::of(human)), user: user.to_owned(), form: |_| () }
}

/// A process that its user came to in some way.
fn led(human: &'static str, user: &str, session: impl FnOnce() -> Session + Send + 'static) -> Shape {
    Shape { human, session: Box::new(session), user: user.to_owned(), form: |_| () }
}

/// A log-in shell that GuardDuty writes down in some form.
fn written(human: &'static str, form: fn(&mut Value)) -> Shape {
    Shape { form, ..spelled(human, human) }
}

fn spellings() -> Vec<Shape> {
    let (domain, netbios) = (variable("AD_DOMAIN"), variable("AD_NETBIOS"));
    vec![
        spelled("n.plain", "n.plain"),
        spelled("n.upper", "N.UPPER"),
        spelled("N.Created-Mixed_1", "n.created-mixed_1"),
        spelled("n.at", &format!("n.at@{domain}")),
        spelled("n.at-upper", &format!("n.at-upper@{}", domain.to_uppercase())),
        spelled("n.upper-at", &format!("N.UPPER-AT@{domain}")),
        spelled("n.behind", &format!("{netbios}\\n.behind")),
        spelled("n.behind-lower", &format!("{}\\N.Behind-Lower", netbios.to_lowercase())),
        spelled("n.behind-dns", &format!("{domain}\\n.behind-dns")),
        spelled("n.of-twenty-letters-", "n.of-twenty-letters-"),
    ]
}

/// Ways that begin with a log-in: the human is who logged in.
fn ways_from_a_log_in() -> Vec<Shape> {
    let at_domain = format!("{BYSTANDER}@{}", variable("AD_DOMAIN"));
    let log_in = Way::log_in;
    vec![
        led("w.sudo", "root", move || log_in("w.sudo").sudo().start()),
        led("w.sudo-su", "root", move || log_in("w.sudo-su").sudo().su("root").start()),
        led("w.sudo-as", BYSTANDER, move || log_in("w.sudo-as").sudo_as(BYSTANDER).start()),
        led("w.sudo-twice", "root", move || log_in("w.sudo-twice").sudo_as(BYSTANDER).sudo().start()),
        led("w.sudo-local", LOCAL_ACCOUNT, move || log_in("w.sudo-local").sudo_as(LOCAL_ACCOUNT).start()),
        led("w.su", BYSTANDER, move || log_in("w.su").su(BYSTANDER).start()),
        led("w.su-at", &at_domain.clone(), move || log_in("w.su-at").su(&at_domain).start()),
        led("w.sudo-su-user", BYSTANDER, move || log_in("w.sudo-su-user").sudo().su(BYSTANDER).start()),
        led("w.orphan", "w.orphan", move || log_in("w.orphan").orphan().start()),
        led("w.deep", "w.deep", move || log_in("w.deep").shells(15).start()),
        led("w.ended", "w.ended", move || log_in("w.ended").start_and_end(1)),
        led("w.ended-twice", "w.ended-twice", move || log_in("w.ended-twice").start_and_end(2)),
        led("w.ended-sudo", "root", move || log_in("w.ended-sudo").sudo().start_and_end(1)),
    ]
}

/// Ways without a log-in, as in Session Manager: the human is the outermost directory user.
fn ways_without_a_log_in() -> Vec<Shape> {
    let agent = || Way::service().drop_to(LOCAL_ACCOUNT);
    vec![
        led("s.root-su", "s.root-su", || Way::service().su("s.root-su").start()),
        led("s.root-su-su", BYSTANDER, || Way::service().su("s.root-su-su").su(BYSTANDER).start()),
        led("s.service", "s.service", || Way::service().drop_to("s.service").start()),
        led("s.su", "s.su", move || agent().su("s.su").start()),
        led("s.su-sudo", "root", move || agent().su("s.su-sudo").sudo().start()),
        led("s.sudo-su", "s.sudo-su", move || agent().sudo().su("s.sudo-su").start()),
        led("s.ended", "s.ended", move || agent().su("s.ended").start_and_end(1)),
    ]
}

fn forms() -> Vec<Shape> {
    vec![
        written("f.no-lineage", |process| drop(process.as_object_mut().unwrap().remove("lineage"))),
        written("f.empty-lineage", |process| process["lineage"] = json!([])),
        written("f.iso", |process| each(process, |one| one["startTime"] = iso(one, "Z").into())),
        written("f.iso-fraction", |process| each(process, |one| one["startTime"] = iso(one, ".250Z").into())),
        written("f.milliseconds", |process| {
            each(process, |one| one["startTime"] = (one["startTime"].as_u64().unwrap() * 1000 + 250).into());
        }),
        written("f.fraction", |process| {
            each(process, |one| one["startTime"] = (one["startTime"].as_f64().unwrap() + 0.25).into());
        }),
        written("f.texts", |process| {
            each(process, |one| {
                for name in ["pid", "userId", "euid"] {
                    one[name] = one[name].to_string().into();
                }
            });
        }),
        written("f.no-euid", |process| {
            each(process, |one| drop(one.as_object_mut().unwrap().remove("euid")))
        }),
        written("f.more-members", |process| each(process, |one| one["scriptPath"] = json!(["/tmp/x", null]))),
    ]
}

/// Changes a process and all in its lineage.
fn each(process: &mut Value, change: fn(&mut Value)) {
    process["lineage"].as_array_mut().unwrap().iter_mut().for_each(change);
    change(process);
}

/// A start time as ISO 8601 text, with this at its end.
fn iso(process: &Value, end: &str) -> String {
    let start = format!("@{}", process["startTime"]);
    let date =
        std::process::Command::new("date").args(["--utc", "--date", &start, "+%FT%T"]).output().unwrap();
    String::from_utf8(date.stdout).unwrap().trim().to_owned() + end
}

#[test]
fn every_shape_disables_exactly_the_user_who_acted() {
    let shapes: Vec<_> =
        [spellings(), ways_from_a_log_in(), ways_without_a_log_in(), forms()].into_iter().flatten().collect();
    let humans: Vec<_> = shapes.iter().map(|shape| shape.human).collect();
    assert!(humans.len() >= 25);
    create_users(humans.iter().copied().chain([BYSTANDER]));
    let before = enabled_users();
    let prepared = in_parallel(shapes, |shape| {
        let session = (shape.session)();
        let mut event = finding(&session, &shape.user);
        (shape.form)(&mut event["detail"]["service"]["runtimeDetails"]["process"]);
        (session, event)
    });
    let (_sessions, events): (Vec<_>, Vec<_>) = prepared.into_iter().unzip();

    let batch = Batch::deliver(&events);

    for (human, event) in humans.iter().zip(&events) {
        assert_eq!(batch.decision(event), ("contain", "identity-proved"), "{human}: {}", batch.record(event));
        assert_eq!(text(batch.record(event), "user"), *human);
    }
    let mut expected = humans.clone();
    expected.sort_unstable();
    assert_eq!(batch.disabled(), expected, "DisableUser once for each of them and for nobody else");
    let humans = humans.into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(enabled_users(), &before - &humans);
    assert_eq!(batch.mail.len(), humans.len());
}
