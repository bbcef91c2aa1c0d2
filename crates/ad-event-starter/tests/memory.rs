//! What the largest and the worst batches cost in memory: the function has 256 MB, and the runtime needs some of it.
//!
//! The one test of a process of its own, so that the process's peak is that of the function.
#![expect(clippy::unwrap_used, reason = "what is not as expected fails the test")]

use std::io::Write;
use std::time::Duration;

use ad_event_starter::config::Config;
use ad_event_starter::executions::{Executions, StartError, Started};
use ad_event_starter::handler::Starter;
use ad_event_starter::left_over::{LeftOverError, LeftOvers};
use ad_event_starter::start::{Machine, Start};
use ad_event_starter::trigger::Answer;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use steward_core::config::Variables;
use steward_core::metrics::Metrics;
use steward_core::store::memory::Memory;

const MEBIBYTE: usize = 1 << 20;

/// Packs what `write` writes, piece by piece, so that the test itself needs no memory for it.
fn packed(write: impl FnOnce(&mut dyn Write)) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    write(&mut encoder);
    STANDARD.encode(encoder.finish().unwrap())
}

const HEAD: &str =
    r#"{"messageType":"DATA_MESSAGE","logGroup":"/aws/directoryservice/d-9067012345","logEvents":["#;

/// A batch as full as it may be of users who were created.
fn full_batch() -> (String, u64) {
    let message = |number: u64| {
        format!(
            "<Event><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4720</EventID>\
             <TimeCreated SystemTime='2026-11-21T09:30:41Z'/><EventRecordID>{number}</EventRecordID>\
             <Computer>DC1</Computer></System><EventData><Data Name='TargetUserName'>u{number}</Data>\
             <Data Name='TargetDomainName'>CORP</Data><Data Name='TargetSid'>S-1-5-21-1-2-3-{number}</Data>\
             <Data Name='UserPrincipalName'>u{number}@corp.example.com</Data></EventData></Event>"
        )
    };
    let mut users = 0;
    let data = packed(|out| {
        let mut left = 16 * MEBIBYTE - HEAD.len() - 2;
        out.write_all(HEAD.as_bytes()).unwrap();
        loop {
            let comma = if users == 0 { "" } else { "," };
            let event = format!("{comma}{}", json!({"id": "1", "message": message(10_000 + users)}));
            if event.len() > left {
                break;
            }
            out.write_all(event.as_bytes()).unwrap();
            left -= event.len();
            users += 1;
        }
        out.write_all(b"]}").unwrap();
    });
    (data, users)
}

fn repeated(head: &str, piece: &[u8], bytes: usize) -> String {
    packed(|out| {
        out.write_all(head.as_bytes()).unwrap();
        let block = piece.repeat(8192 / piece.len());
        for _ in 0..bytes / block.len() {
            out.write_all(&block).unwrap();
        }
    })
}

#[derive(Debug, Default)]
struct Accepting;

impl Executions for Accepting {
    async fn start(&self, _: Machine, _: &str, _: &str) -> Result<Started, StartError> {
        Ok(Started::Now)
    }
}

impl LeftOvers for Accepting {
    async fn keep(&self, _: &[Start]) -> Result<(), LeftOverError> {
        Ok(())
    }
}

fn starter() -> Starter<Memory, Accepting, Accepting> {
    let variables = Variables::from_pairs([
        ("DIRECTORY_ID", "d-9067012345"),
        ("DOMAIN_NAME", "corp.example.com"),
        ("NETBIOS_NAME", "CORP"),
        ("UPN_SUFFIXES", ""),
        ("EVENT_SOURCES", ""),
        ("USER_TABLE", "users"),
        ("RECORD_RETENTION_DAYS", "365"),
        ("ONBOARD_STATE_MACHINE_ARN", "arn:on"),
        ("OFFBOARD_STATE_MACHINE_ARN", "arn:off"),
        ("START_QUEUE_URL", "https://sqs.example/start"),
        ("ONBOARDINGS_PER_SECOND", "2"),
    ]);
    Starter {
        store: Memory::default(),
        executions: Accepting,
        left_overs: Accepting,
        metrics: Metrics::writing_to("starter".to_owned(), Box::new(std::io::sink())),
        config: Config::read(variables).unwrap(),
        pause: Duration::ZERO,
    }
}

/// The most memory that this process has had, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

#[tokio::test]
async fn neither_the_largest_batch_nor_a_bomb_takes_96_mebibytes() {
    let starter = starter();
    let (full, users) = full_batch();
    let bombs = [
        repeated("", &[0], 512 * MEBIBYTE),
        repeated(HEAD, b"0,", 15 * MEBIBYTE),
        repeated(HEAD, b"{},", 15 * MEBIBYTE),
        repeated(HEAD, b"[", 15 * MEBIBYTE),
        repeated("", &[0xff], 15 * MEBIBYTE),
    ];
    for data in bombs {
        let trigger = serde_json::from_value(json!({"awslogs": {"data": data}})).unwrap();
        assert!(starter.handle(trigger, Duration::from_secs(60)).await.is_err());
    }
    let trigger = serde_json::from_value(json!({"awslogs": {"data": full}})).unwrap();
    let answer = starter.handle(trigger, Duration::from_secs(600)).await.unwrap();
    assert!(
        matches!(answer, Answer::Counts(counts) if counts["Started"] == users && users > 20_000),
        "{users}"
    );
    println!("peak: {} MiB", peak() / MEBIBYTE);
    assert!(peak() < 96 * MEBIBYTE, "{} MiB", peak() / MEBIBYTE);
}
