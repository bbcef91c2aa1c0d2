use proptest::prelude::*;

use super::*;

const READY: &str = r#"{"adsteward":1,"action":"prepare","outcome":"ready","nonce":"0123456789abcdef0123456789abcdef","publicKey":"MIIB","platform":"debian 12"}"#;
const MEMBER: &str = r#"{"adsteward":1,"action":"prepare","outcome":"member","computer":"EC2-ABC","domain":"Corp.example.test","verified":true}"#;
const JOINED: &str = r#"{"adsteward":1,"action":"join","outcome":"joined","computer":"ec2-abc","domain":"corp.example.test","reboot":false}"#;
const FAILED: &str =
    r#"{"adsteward":1,"action":"join","outcome":"failed","reason":"no-key","detail":"the key is gone"}"#;

fn member() -> Answer {
    Answer::Member {
        computer: "ec2-abc".to_owned(),
        domain: "corp.example.test".to_owned(),
        remark: String::new(),
    }
}

#[test]
fn reads_what_the_document_prints() {
    let ready = Answer::parse(Action::Prepare, 0, &format!("{READY}\n")).unwrap();
    let nonce = "0123456789abcdef0123456789abcdef".to_owned();
    assert_eq!(ready, Answer::Ready { nonce, public_key: vec![0x30, 0x82, 0x01] });
    assert_eq!(Answer::parse(Action::Prepare, 0, MEMBER), Ok(member()));
    assert_eq!(Answer::parse(Action::Join, 0, JOINED), Ok(member()));
    assert_eq!(Answer::parse(Action::Join, 0, &JOINED.replace("joined", "already")), Ok(member()));
    let failed = Answer::Failed { reason: Reason::NoKey, detail: "the key is gone".to_owned() };
    assert_eq!(Answer::parse(Action::Join, 15, FAILED), Ok(failed));
}

#[test]
fn every_exit_code_has_its_word_and_takes_no_other() {
    for (code, reason) in CODES {
        for (word, _) in CODES.map(|(_, reason)| (reason.code(), ())) {
            let line = FAILED.replace("no-key", word);
            let read = Answer::parse(Action::Join, code, &line);
            assert_eq!(read.is_ok(), word == reason.code(), "{code} {word}");
        }
    }
}

#[test]
fn a_member_may_have_something_to_remark() {
    let line = JOINED.replace("false", r#"false,"detail":"no group is called\u00a0ops""#);
    let Ok(Answer::Member { remark, .. }) = Answer::parse(Action::Join, 0, &line) else { panic!("{line}") };
    assert_eq!(remark, "no group is calledops");

    let with = |groups: &str| JOINED.replace("false", &format!("false,\"missingGroups\":[{groups}]"));
    let windows = Answer::parse(Action::Join, 0, &with(r#""Linux Admins","ops""#));
    let Ok(Answer::Member { remark, .. }) = windows else { panic!("{windows:?}") };
    assert_eq!(remark, "no group is called Linux Admins, ops");
    assert_eq!(Answer::parse(Action::Join, 0, &with("")), Ok(member()));
    assert_eq!(Answer::parse(Action::Join, 0, &with(r#""<b>""#)), Err(NotUnderstood));
}

#[test]
fn refuses_everything_else() {
    let two_lines = format!("{READY}\n{READY}\n");
    let long = format!("{READY}{}", " ".repeat(24_000));
    let ansi = READY.replace("debian", "\u{1b}[31mdebian");
    let nul = READY.replace("debian", "de\0bian");
    let crlf = format!("{READY}\r\n");
    let extra = READY.replace(r#""adsteward":1"#, r#""adsteward":1,"also":true"#);
    let version = READY.replace(r#""adsteward":1"#, r#""adsteward":2"#);
    let no_base64 = READY.replace("MIIB", "MI IB");
    let twice = READY.replace(r#""nonce""#, r#""outcome":"member","nonce""#);
    let unverified = MEMBER.replace("true", "false");
    let word = READY.replace("ready", "joined");
    for text in [
        "",
        "{}",
        "null",
        "ready",
        &two_lines,
        &long,
        &ansi,
        &nul,
        &crlf,
        &extra,
        &version,
        &no_base64,
        &twice,
        &unverified,
        &word,
        JOINED,
        FAILED,
    ] {
        assert_eq!(Answer::parse(Action::Prepare, 0, text), Err(NotUnderstood), "{}", text.escape_debug());
    }
}

#[test]
fn an_exit_code_that_says_otherwise_is_not_overlooked() {
    for code in [-1, 1, 10, 15, 127, 194, 3010] {
        assert_eq!(Answer::parse(Action::Prepare, code, READY), Err(NotUnderstood), "{code}");
        assert_eq!(Answer::parse(Action::Join, code, JOINED), Err(NotUnderstood), "{code}");
    }
    assert_eq!(Answer::parse(Action::Join, 0, FAILED), Err(NotUnderstood));
    assert_eq!(Answer::parse(Action::Join, 99, FAILED), Err(NotUnderstood));
}

#[test]
fn what_an_instance_says_of_its_failure_is_short_and_printable() {
    let noisy = FAILED.replace("the key is gone", &format!("\u{202e}<b>{}", "x".repeat(3000)));
    let Ok(Answer::Failed { detail, .. }) = Answer::parse(Action::Join, 15, &noisy) else {
        panic!("{noisy}")
    };
    assert_eq!(detail.len(), LONGEST_DETAIL);
    assert!(detail.starts_with("<b>xxx"));
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC{0,400}", noise in proptest::collection::vec(any::<u8>(), 0..200), code in any::<i32>()) {
        let _ = Answer::parse(Action::Prepare, code, &text);
        let _ = Answer::parse(Action::Join, code, &String::from_utf8_lossy(&noise));
    }
}
