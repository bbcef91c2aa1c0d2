//! The scene that the tests start from: a configuration, a finding about alice, the instance's answer.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use steward_core::config::Variables;

pub(crate) const DOMAIN: &str = "corp.example.test";
/// A trusted domain.
pub(crate) const PARTNER: &str = "partner.example.test";
pub(crate) const INSTANCE: &str = "i-0123456789abcdef0";
pub(crate) const FINDING: &str = "arn:aws:guardduty:eu-west-1:111122223333:detector/d1/finding/f1";
/// An account with a row, the Region of its instance, and another instance of the domain there.
pub(crate) const MEMBER: &str = "222233334444";
pub(crate) const MEMBER_REGION: &str = "eu-central-1";
pub(crate) const MEMBER_NEIGHBOUR: &str = "i-0cccccccccccccccc";
/// What a stack's configuration differs in that looks after other accounts.
pub(crate) const WITH_MEMBERS: [(&str, &str); 2] =
    [("ACCOUNT_TABLE", "adsteward-accounts"), ("GUARDDUTY_ADMINISTRATOR_ACCOUNT", "333344445555")];
const DOMAIN_SID: &str = "S-1-5-21-1000-2000-3000";
const PARTNER_SID: &str = "S-1-5-21-4000-5000-6000";

/// SSSD's user id for a relative identifier in the lab's domain.
pub(crate) fn uid(relative_id: u32) -> u32 {
    1_641_000_000 + relative_id
}

pub(crate) fn sid(relative_id: u32) -> String {
    format!("{DOMAIN_SID}-{relative_id}")
}

/// The same of the trusted domain.
pub(crate) fn partner_uid(relative_id: u32) -> u32 {
    800_000_000 + relative_id
}

pub(crate) fn partner_sid(relative_id: u32) -> String {
    format!("{PARTNER_SID}-{relative_id}")
}

/// The user id that SSSD derives from a SID.
pub(crate) fn uid_of(sid: &str) -> Option<u32> {
    let (domain, relative_id) = sid.rsplit_once('-')?;
    let relative_id = relative_id.parse().ok()?;
    Some(if domain == PARTNER_SID { partner_uid(relative_id) } else { uid(relative_id) })
}

/// What is said of a user of the own domain, said of the trusted domain's user with the same name and relative identifier.
pub(crate) fn of_partner(said: &Value, relative_id: u32) -> Value {
    let text = said
        .to_string()
        .replace(&uid(relative_id).to_string(), &partner_uid(relative_id).to_string())
        .replace(&sid(relative_id), &partner_sid(relative_id))
        .replace(DOMAIN, PARTNER);
    serde_json::from_str(&text).unwrap()
}

/// A valid environment of all three functions, with changes.
pub(crate) fn variables(changes: &[(&str, &str)]) -> Variables {
    let mut pairs = BTreeMap::from([
        ("ACCOUNT_ID", "111122223333"),
        ("ACCOUNT_TABLE", ""),
        ("GUARDDUTY_ADMINISTRATOR_ACCOUNT", ""),
        ("COMPUTER_OU", "OU=Computers,OU=CORP,DC=corp,DC=example,DC=test"),
        ("MEMBER_DOCUMENT_PREFIX", "adsteward"),
        ("AWS_REGION", "eu-west-1"),
        ("DIRECTORY_ID", "d-9067012345"),
        ("MODE", "enforce"),
        ("FINDING_TYPES", "*:Runtime/*"),
        ("MINIMUM_SEVERITY", "7"),
        ("PROTECTED_USERS", "krbtgt,Administrator"),
        ("PROTECTED_GROUP", "AWS Delegated Administrators"),
        ("TRUSTED_FOREST_SECRETS", ""),
        ("TRUSTED_PROTECTED_GROUP", "Domain Admins"),
        ("HOURLY_BUDGET", "5"),
        ("HOURLY_NOTICES", "20"),
        ("RECORD_RETENTION_DAYS", "365"),
        ("ID_MAPPING", "sssd"),
        ("DECISION_TABLE", "decisions"),
        ("TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:notices"),
        ("KILL_SWITCH_PARAMETER", "/adsteward/kill-switch"),
        ("IDENTIFY_DOCUMENT", "adsteward-identify-user"),
        ("AFTER_DISABLING", "end-sessions"),
        ("END_SESSIONS_DOCUMENT", "adsteward-end-sessions"),
        (
            "RELEASE_STATE_MACHINE_ARN",
            "arn:aws:states:eu-west-1:111122223333:stateMachine:adsteward-release-user",
        ),
        (
            "APPROVE_STATE_MACHINE_ARN",
            "arn:aws:states:eu-west-1:111122223333:stateMachine:adsteward-approve-containment",
        ),
        ("APPROVAL_SECONDS", "3600"),
        ("REVIEW_AFTER_SECONDS", "0"),
        ("SECRET_PREFIX", "adsteward/released/"),
        ("CALLER_WAIT_SECONDS", "300"),
        ("RESPONDER_ROLE_ARN", "arn:aws:iam::111122223333:role/responder"),
    ]);
    pairs.extend(changes.iter().copied());
    Variables::from_pairs(pairs)
}

/// The ARN of a finding.
pub(crate) fn finding_arn(id: &str) -> String {
    format!("arn:aws:guardduty:eu-west-1:111122223333:detector/d1/finding/{id}")
}

/// An event with a finding about a process of alice's: curl, started from her shell.
pub(crate) fn event() -> Value {
    event_about("f1", "alice", 1104)
}

/// The event of the member account's finding about alice, as the member or the administrator sends it.
pub(crate) fn event_elsewhere(sender: &str) -> Value {
    let text = event().to_string().replace("111122223333", MEMBER).replace("eu-west-1", MEMBER_REGION);
    let mut event: Value = serde_json::from_str(&text).unwrap();
    event["account"] = json!(sender);
    event
}

/// The instance's answer to the question that [`event`] leads to.
pub(crate) fn answer() -> Value {
    answer_about("alice", 1104)
}

/// An event with a finding about a process of somebody's.
pub(crate) fn event_about(finding: &str, name: &str, relative_id: u32) -> Value {
    let uid = uid(relative_id);
    let process = json!({
        "name": "curl", "user": name, "userId": uid, "euid": uid, "pid": 4242,
        "startTime": "2026-11-21T01:00:00.000Z",
        "lineage": [
            {"name": "bash", "pid": 4200, "userId": uid, "euid": uid, "startTime": "2026-11-21T00:59:00.000Z"},
            {"name": "sshd", "pid": 900, "userId": 0, "euid": 0, "startTime": "2026-11-21T00:00:00.000Z"},
        ],
    });
    json!({
        "version": "0", "id": "e1", "source": "aws.guardduty", "detail-type": "GuardDuty Finding",
        "account": "111122223333", "region": "eu-west-1", "time": "2026-11-21T01:05:00Z", "resources": [],
        "detail": {
            "schemaVersion": "2.0", "accountId": "111122223333", "region": "eu-west-1", "partition": "aws",
            "id": finding, "arn": finding_arn(finding), "type": "Backdoor:Runtime/C&CActivity.B!DNS", "severity": 8,
            "updatedAt": "2026-11-21T01:04:00.000Z",
            "resource": {"resourceType": "Instance", "instanceDetails": {"instanceId": INSTANCE}},
            "service": {"archived": false, "count": 1, "runtimeDetails": {"process": process}},
        },
    })
}

/// The instance's truthful answer to the question that [`event_about`] leads to.
pub(crate) fn answer_about(name: &str, relative_id: u32) -> Value {
    let uid = uid(relative_id);
    let user = |pid: u32| json!({"pid": pid, "state": "live", "uid": uid, "euid": uid, "login_uid": uid, "container": false});
    json!({
        "v": 1,
        "chain": [
            user(4242),
            user(4200),
            {"pid": 900, "state": "live", "uid": 0, "euid": 0, "login_uid": null, "container": false},
        ],
        "accounts": [
            {"uid": uid, "kind": "directory", "name": name, "domain": DOMAIN, "sid": sid(relative_id)},
            {"uid": 0, "kind": "local", "name": "root", "domain": null, "sid": null},
        ],
    })
}

/// The instance's report after it ended alice's sessions: nothing is left.
pub(crate) fn report() -> Value {
    report_about(uid(1104))
}

/// The same about the user with this id.
pub(crate) fn report_about(uid: u32) -> Value {
    let process = json!({
        "pid": 4242, "uid": uid, "euid": uid, "login_uid": uid, "started": 1_795_222_800, "name": "curl",
    });
    json!({
        "v": 1, "uid": uid, "refused": null,
        "report": {
            "evidence": {
                "processes": [process], "process_count": 1, "sessions": ["3 1641001104 alice"], "log_ins": [],
                "tickets_end": 1_795_258_800, "tickets_renewable_until": 1_795_827_600,
            },
            "logind": "ended", "flagged": "ended", "ended": 3, "left": [], "left_count": 0,
            "tickets": {"removed": 2, "left": 0}, "cache": "expired", "log_in": "refused",
        },
    })
}
