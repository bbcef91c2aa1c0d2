use std::net::IpAddr;

use super::*;
use crate::clock::simulated;

const HOST: &str = "EC2-abc.corp.example.test";
const ADDRESS: [u8; 4] = [10, 98, 1, 77];
/// 2025-11-21T02:10:00Z in seconds since 1970, and in tenths of microseconds since 1601.
const NOW: u64 = 1_763_691_000;
const SINCE: &str = "00ccbaf08b5adc01";

fn record(kind: u8, data: &[u8]) -> Vec<u8> {
    let head = [u8::try_from(data.len()).unwrap(), 0, kind, 0, 5, 0xf0, 0, 0, 7, 0, 0, 0];
    [&head[..], &[0, 0, 0x0e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0], data].concat()
}

/// The zone knows the host with these records; its serial number is 258.
async fn forgotten(host: &str, records: Vec<Vec<u8>>) -> (bool, Vec<String>) {
    simulated::set(Some(NOW));
    let guid = ("objectGUID", vec![(0..16).collect()]);
    let (directory, asked) = domain(after_bind(move |asked| {
        let soa = [0, 0, 1, 2, 0, 0, 0, 9];
        let found = if asked.contains("DC=@,") { vec![record(6, &soa)] } else { records.clone() };
        match asked {
            _ if asked.starts_with("modify") => Answer::Result(0, ""),
            _ => Answer::Objects(vec![("DC=node".to_owned(), vec![guid.clone(), ("dnsRecord", found)])], ""),
        }
    }))
    .await;
    let done = directory.remove_dns_record(host, IpAddr::from(ADDRESS)).await.unwrap();
    let asked = asked.lock().unwrap().iter().skip(1).cloned().collect();
    (done, asked)
}

#[tokio::test]
async fn the_last_record_of_a_host_becomes_a_tombstone() {
    let (done, asked) = forgotten(HOST, vec![record(1, &ADDRESS)]).await;
    let [node, top, change] = &asked[..] else { panic!("{asked:?}") };
    let zone = "DC=corp.example.test,CN=MicrosoftDNS,DC=DomainDnsZones,DC=corp,DC=example,DC=test";
    assert!(done && node.contains(&format!("DC=ec2-abc,{zone} ")) && top.contains(&format!("DC=@,{zone} ")));
    assert!(change.contains(&format!("<GUID={GUID}>")), "{change}");
    // Gone by its exact value, so that a newer one stays; then 8 bytes of type 0 with the zone's serial number.
    assert!(change.contains("0400010005f00000") && change.contains("0a62014d"), "{change}");
    let tombstone = format!("0800000005f0000002010000{}{SINCE}", "00".repeat(12));
    assert!(change.contains(&tombstone) && change.contains("(dNSTombstoned (TRUE))"), "{change}");
}

#[tokio::test]
async fn what_else_is_known_of_a_host_stays() {
    let text = record(16, b"\x03abc");
    let (done, asked) = forgotten(HOST, vec![record(1, &ADDRESS), text, record(1, &[10, 0, 0, 1])]).await;
    let [_, change] = &asked[..] else { panic!("{asked:?}") };
    assert!(done && change.contains("0a62014d"), "{change}");
    assert!(
        !change.contains("TRUE") && !change.contains("0a000001") && !change.contains("616263"),
        "{change}"
    );
}

#[tokio::test]
async fn a_host_that_has_another_address_now_is_left_alone() {
    let torn = record(1, &ADDRESS)[..27].to_vec();
    for records in
        [vec![record(1, &[10, 0, 0, 1])], vec![record(28, &[0; 16])], vec![torn], vec![vec![]], vec![]]
    {
        let (done, asked) = forgotten(HOST, records).await;
        assert!(!done && asked.len() == 1, "{asked:?}");
    }
}

#[tokio::test]
async fn only_names_of_the_domain_are_looked_for() {
    for host in [
        "corp.example.test",
        ".corp.example.test",
        "x.example.test",
        "xcorp.example.test",
        "a,DC=@.corp.example.test",
        "",
    ] {
        assert_eq!(forgotten(host, vec![record(1, &ADDRESS)]).await, (false, vec![]), "{host}");
    }
}
