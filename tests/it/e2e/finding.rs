//! Findings as GuardDuty would make them for a session on a lab instance.

use std::fs;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::lab::{aws, lab, root, variable};
use crate::session::Session;

/// A new finding about a session's process, run under `user` as the instance spells it.
pub(crate) fn finding(session: &Session, user: &str) -> Value {
    finding_about(session.instance, session.process(user))
}

/// A new finding about a process of an instance, which is given as in `service.runtimeDetails.process`.
pub(crate) fn finding_about(instance: &str, process: Value) -> Value {
    let path = root().join("tests/fixtures/guardduty/runtime-finding.json");
    let mut event: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let id = unique_id();
    let detail = &mut event["detail"];
    let arn = detail["arn"].as_str().unwrap().replace(detail["id"].as_str().unwrap(), &id);
    let named = arn.split('/').nth(1).unwrap().to_owned();
    detail["arn"] = arn.replace(&named, detector()).into();
    detail["id"] = id.into();
    detail["resource"]["instanceDetails"]["instanceId"] = instance.into();
    detail["service"]["runtimeDetails"]["process"] = process;
    event
}

/// A new finding of another account, about a session there.
pub(crate) fn finding_of(session: &Session, user: &str, (account, region): (&str, &str)) -> Value {
    let text = finding(session, user).to_string();
    let text = text.replace(variable("AWS_ACCOUNT_ID"), account).replace(variable("AWS_REGION"), region);
    serde_json::from_str(&text.replace(detector(), &"0b".repeat(16))).unwrap()
}

/// The account's detector, which its findings belong to.
pub(crate) fn detector() -> &'static str {
    static DETECTOR: OnceLock<String> = OnceLock::new();
    DETECTOR.get_or_init(|| {
        let listed = aws(&["guardduty", "list-detectors"]);
        listed["DetectorIds"][0].as_str().unwrap().to_owned()
    })
}

/// Puts an event on the bus, as AWS would.
pub(crate) fn emit(event: &Value) {
    emit_all(std::slice::from_ref(event));
}

/// Puts an event on the bus of another account and Region.
pub(crate) fn emit_at(event: &Value, (account, region): (&str, &str)) {
    lab(&["emit", &file_of(event), "--account", account, "--region", region]);
}

/// Puts events on the bus one after the other, as fast as it goes.
pub(crate) fn emit_all(events: &[Value]) {
    let files: Vec<String> = events.iter().map(file_of).collect();
    let arguments: Vec<&str> = std::iter::once("emit").chain(files.iter().map(String::as_str)).collect();
    lab(&arguments);
}

fn file_of(event: &Value) -> String {
    let folder = root().join("target/e2e");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("{}.json", unique_id()));
    fs::write(&file, event.to_string()).unwrap();
    file.to_str().unwrap().to_owned()
}

fn unique_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("{:032x}", now << 8 | u128::from(COUNT.fetch_add(1, Ordering::Relaxed) & 0xff))
}
