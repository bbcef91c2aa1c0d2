//! A finding and the instance's answer to it, made from one list of processes.

use serde_json::{Value, json};

use super::super::*;
use crate::home::full_name;
use crate::testing::{self, DOMAIN, PARTNER, partner_sid, partner_uid, sid, uid};

pub(super) const ALICE: u32 = 1104;
pub(super) const BOB: u32 = 1105;
pub(super) const LOCAL: u32 = 1001;
pub(super) const THEIR_ALICE: &str = "alice@partner.example.test";

/// A process for both sides: what GuardDuty saw and what the instance sees.
#[derive(Debug, Clone)]
pub(super) struct P {
    pub(super) uid: u32,
    pub(super) euid: u32,
    pub(super) login: Option<u32>,
    pub(super) state: &'static str,
}

pub(super) fn p(uid: u32) -> P {
    P { uid, euid: uid, login: None, state: "live" }
}

impl P {
    pub(super) fn login(self, uid: u32) -> Self {
        Self { login: Some(uid), ..self }
    }
    pub(super) fn euid(self, euid: u32) -> Self {
        Self { euid, ..self }
    }
    pub(super) fn gone(self) -> Self {
        Self { state: "gone", ..self }
    }
    pub(super) fn reused(self) -> Self {
        Self { state: "reused", ..self }
    }
}

/// A finding and the answer to it.
pub(super) struct Case {
    pub(super) event: Value,
    pub(super) answer: Value,
}

pub(super) fn case(user: &str, chain: &[P]) -> Case {
    let mut event = testing::event();
    let saw = |(i, p): (usize, &P)| json!({"pid": 4000 - i, "userId": p.uid, "euid": p.euid, "startTime": 1_795_222_800 - i as u64});
    let mut processes: Vec<Value> = chain.iter().enumerate().map(saw).collect();
    let mut flagged = processes.remove(0);
    flagged["user"] = json!(user);
    flagged["lineage"] = json!(processes);
    event["detail"]["service"]["runtimeDetails"]["process"] = flagged;

    let sees = |(i, p): (usize, &P)| match p.state {
        "live" => json!({
            "pid": 4000 - i, "state": "live", "uid": p.uid, "euid": p.euid, "login_uid": p.login, "container": false,
        }),
        other => {
            json!({"pid": 4000 - i, "state": other, "uid": null, "euid": null, "login_uid": null, "container": null})
        }
    };
    let mut uids: Vec<u32> = chain.iter().flat_map(|p| [Some(p.uid), p.login]).flatten().collect();
    uids.sort_unstable();
    uids.dedup();
    let accounts: Vec<Value> = uids.into_iter().map(account).collect();
    let answer = json!({"v": 1, "chain": chain.iter().enumerate().map(sees).collect::<Vec<_>>(), "accounts": accounts});
    Case { event, answer }
}

fn account(number: u32) -> Value {
    let directory = |name: &str, rid| json!({"uid": number, "kind": "directory", "name": name, "domain": DOMAIN, "sid": sid(rid)});
    let local =
        |name: &str| json!({"uid": number, "kind": "local", "name": name, "domain": null, "sid": null});
    match number {
        n if n == uid(ALICE) => directory("alice", ALICE),
        n if n == uid(BOB) => directory("bob", BOB),
        n if n == partner_uid(ALICE) => {
            json!({"uid": number, "kind": "directory", "name": "alice", "domain": PARTNER, "sid": partner_sid(ALICE)})
        }
        0 => local("root"),
        LOCAL => local("ssm-user"),
        1002 => local("alice"),
        _ => json!({"uid": number, "kind": "unknown", "name": null, "domain": null, "sid": null}),
    }
}

impl Case {
    /// With a trusted domain that has an alice, too, of the same relative identifier.
    pub(super) fn suspect(&self) -> Result<Suspect, Decision> {
        let world = testing::World::new();
        world.trust();
        let scope = world.responder().config.scope;
        let finding =
            scope.screen(&serde_json::from_value(self.event.clone()).unwrap()).map_err(Decision::Refuse)?;
        let pids: Vec<u32> = finding.chain.iter().map(|process| process.pid).collect();
        let answer = Answer::parse(&self.answer.to_string(), &pids)
            .map_err(|_| Decision::NeedsPerson(Doubt::AnswerNotUnderstood))?;
        let domain = DomainNames { dns: DOMAIN.to_owned(), netbios: "CORP".to_owned() };
        let partner = DomainNames { dns: PARTNER.to_owned(), netbios: "PARTNER".to_owned() };
        let suspect = find_suspect(&finding, &answer, &[domain, partner], IdMapping::Sssd)?;
        let state = world.state();
        let trusted = Some(suspect.domain.as_str()).filter(|domain| *domain != DOMAIN);
        let user = state
            .users
            .get(&full_name(&suspect.name.lower(), trusted))
            .ok_or(Decision::NeedsPerson(Doubt::UserNotInDirectory))?;
        confirm(&suspect, user).map(|()| suspect)
    }

    pub(super) fn name(&self) -> Result<String, Decision> {
        self.suspect().map(|suspect| {
            let trusted = Some(suspect.domain.as_str()).filter(|domain| *domain != DOMAIN);
            full_name(suspect.name.as_str(), trusted)
        })
    }
}
