//! Leaving by a host with the AD tools: emulated, for nothing here runs its PowerShell (tests/lab/README.md).

use serde_json::Value;

use super::again::{put, state_event};
use super::foreign::seen;
use super::launched::Launched;
use super::life::address;
use super::object::{named, with_sid};
use super::stranger::Stranger;
use crate::lab::{Journal, lab};
use crate::ldap::zone::Host as Zone;
use crate::ldif::ldap;
use crate::mail::{body, subject};

const HOST: [&str; 6] =
    ["--tag", "lab:platform=windows", "--tag", "adsteward-tools=yes", "--tag", "autoadjoin=false"];

/// The stack with the tag of a host for as long as the value lives.
struct Deployed;

impl Deployed {
    fn now() -> Self {
        lab(&["up", "--set", "ADToolsHostTagKey=adsteward-tools", "--set", "ADToolsHostTagValue=yes"]);
        Self
    }
}

impl Drop for Deployed {
    fn drop(&mut self) {
        lab(&["up"]);
    }
}

fn joined_with_record() -> (Launched, String, Zone) {
    let instance = Launched::joined(&[]);
    let item = instance.item();
    let name = item["name"].as_str().unwrap().to_owned();
    let zone = Zone::new(name.clone().leak(), &[address(&item)]);
    (instance, name, zone)
}

fn leave_commands(calls: &Journal, host: &Launched) -> Vec<Value> {
    let of_host = |call: &Value| call["operation"] == "SendCommand" && call.to_string().contains(&host.id);
    calls.read().into_iter().filter(of_host).collect()
}

#[test]
fn the_object_of_a_terminated_instance_goes_by_the_host_and_only_that_one() {
    let _deployed = Deployed::now();
    let host = Launched::with(&HOST);
    host.rest();
    let (instance, name, zone) = joined_with_record();
    let (other, taken, _) = joined_with_record();
    let sid = instance.item()["sid"].as_str().unwrap().to_owned();
    let calls = Journal::from_now("calls");

    instance.terminate();

    instance.until("left");
    assert_eq!((named(&name), with_sid(&sid)), (vec![], vec![]));
    assert!(zone.addresses().is_empty(), "its DNS record is gone");
    assert_eq!(leave_commands(&calls, &host).len(), 1);
    let deleted = calls.read().into_iter().filter(|call| call["operation"] == "Delete").count();
    assert_eq!(deleted, 0, "nobody has deleted by LDAP from the function");

    // A computer that is not the one whose SID was recorded.
    assert!(ldap("ldapdelete", &["-r", &named(&taken)[0]], ""));
    let _foreign = Stranger::called(&taken);
    let before = seen(&taken);
    other.terminate();
    other.until("left");
    assert_eq!(seen(&taken), before);

    none_and_two_hosts_are_told(host);
}

/// In the same deployment, which takes its time.
fn none_and_two_hosts_are_told(host: Launched) {
    let mail = Journal::from_now("mail");
    let (instance, name, _zone) = joined_with_record();
    host.terminate();
    instance.terminate();
    let told = crate::stack::eventually("a mail", || {
        mail.read().into_iter().find(|mail| subject(mail).contains(&instance.id))
    });
    assert!(body(&told).contains("tools-host") && body(&told).contains("0 instances"), "{told}");
    assert_eq!(named(&name).len(), 1);
    assert_eq!(instance.item()["state"], "leaving");

    let _host = Launched::with(&HOST);
    let second = Launched::with(&HOST);
    put("JoinQueueUrl", &state_event(&instance, "terminated"));
    let seen_two = || instance.item()["detail"].as_str().is_some_and(|detail| detail.contains("2 instances"));
    crate::stack::eventually("two hosts to be seen", || seen_two().then_some(()));
    assert_eq!(named(&name).len(), 1);
    second.terminate();
    put("JoinQueueUrl", &state_event(&instance, "terminated"));
    instance.until("left");
    assert!(named(&name).is_empty());
}
