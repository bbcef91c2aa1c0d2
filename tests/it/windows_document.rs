//! The PowerShell of `stacks/member.yaml`. Nothing here runs it: `tests/lint/powershell` parses it; this compares it with
//! what the rest of the product expects of it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use regex::Regex;
use serde_json::{Value, json};

use crate::template::{items, template_at};

fn content(document: &str) -> Value {
    template_at("stacks/member.yaml")["Resources"][document]["Properties"]["Content"].take()
}

fn script(document: &str) -> String {
    content(document)["mainSteps"][0]["inputs"]["runCommand"][0].as_str().unwrap().to_owned()
}

/// What a document asks of its parameters: patterns and defaults.
fn rules(document: &str) -> BTreeMap<String, (Value, Value)> {
    let content = content(document);
    let parameters = content["parameters"].as_object().unwrap().iter();
    parameters
        .map(|(name, declared)| {
            (name.clone(), (declared["allowedPattern"].clone(), declared["default"].clone()))
        })
        .collect()
}

fn takes(document: &str, parameter: &str, value: &str) -> bool {
    Regex::new(rules(document)[parameter].0.as_str().unwrap()).unwrap().is_match(value)
}

/// Reasons and their exit codes, as a script has them.
fn codes(script: &str, entry: &str) -> BTreeMap<String, u32> {
    let entry = Regex::new(entry).unwrap();
    entry.captures_iter(script).map(|found| (found[1].to_owned(), found[2].parse().unwrap())).collect()
}

/// The lines of a function.
fn function(script: &str, name: &str) -> String {
    let begins = format!("function {name}");
    let lines: Vec<&str> = script
        .lines()
        .skip_while(|line| !line.starts_with(&begins))
        .take_while(|line| *line != "}")
        .collect();
    assert!(!lines.is_empty(), "{name}");
    lines.join("\n")
}

#[test]
fn windows_takes_what_linux_takes() {
    let (mut windows, linux) = (rules("JoinWindowsDocument"), rules("JoinLinuxDocument"));
    assert!(windows.remove("InstallRds").is_some());
    assert_eq!(windows, linux);
}

#[test]
fn windows_fails_for_the_reasons_and_with_the_exit_codes_of_linux() {
    let linux = codes(&script("JoinLinuxDocument"), r#"\["([a-z-]+)"\]=(\d+)"#);
    assert!(linux.len() > 10);
    let given = Regex::new(r"Stop-Run '([a-z-]+)'").unwrap();
    for document in ["JoinWindowsDocument", "LeaveDocument"] {
        let script = script(document);
        let windows = codes(&script, r"'([a-z-]+)' = (\d+)");
        if document == "JoinWindowsDocument" {
            assert_eq!(windows, linux);
        }
        assert!(windows.iter().all(|(word, code)| linux.get(word) == Some(code)), "{document}");
        for found in given.captures_iter(&script) {
            assert!(windows.contains_key(&found[1]), "{document}: {}", &found[1]);
        }
    }
}

#[test]
fn every_error_of_windows_has_a_reason_that_is_known() {
    let script = script("JoinWindowsDocument");
    let known = codes(&script, r"'([a-z-]+)' = (\d+)");
    let causes = Regex::new(r"\b(\d+) = '([a-z-]+)'").unwrap();
    let found: Vec<_> = causes.captures_iter(&script).map(|cause| cause[2].to_owned()).collect();
    assert!(found.len() > 20);
    assert!(found.iter().all(|word| known.contains_key(word)), "{found:?}");
}

#[test]
fn powershell_runs_on_windows_only_and_ends_in_time() {
    for (document, seconds) in [("JoinWindowsDocument", "1800"), ("LeaveDocument", "120")] {
        let content = content(document);
        let [step] = items(&content["mainSteps"])[..] else { panic!("one step") };
        assert_eq!(content["schemaVersion"], "2.2");
        assert_eq!(step["action"], "aws:runPowerShellScript");
        assert_eq!(step["precondition"]["StringEquals"], json!(["platformType", "Windows"]));
        assert_eq!(step["inputs"]["timeoutSeconds"], seconds);
    }
}

#[test]
fn head_and_tail_of_the_public_key_are_those_of_a_real_one() {
    let make = "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 2>/dev/null \
                | openssl pkey -pubout -outform DER | base64 -w 0";
    let output = Command::new("bash").args(["-c", make]).output().unwrap();
    let real = String::from_utf8(output.stdout).unwrap();
    let function = function(&script("JoinWindowsDocument"), "Get-PublicKey");
    let parts = Regex::new(r"return '([A-Za-z0-9+/]+)' \+ .* \+ '([A-Za-z0-9+/=]+)'").unwrap();
    let parts = parts.captures(&function).unwrap();
    // Of the 384 bytes between them, 512 characters are made.
    assert_eq!(real.len(), parts[1].len() + 512 + parts[2].len());
    assert!(real.starts_with(&parts[1]) && real.ends_with(&parts[2]), "{real}");
}

#[test]
fn the_password_goes_from_the_key_to_add_computer_and_nowhere_else() {
    let script = script("JoinWindowsDocument");
    let uses = |text: &str, name: &str| text.to_lowercase().matches(name).count();
    assert_eq!(uses(&script, "$secret"), 3, "what is given, whether it is, and its decryption");
    let places = ["Read-Password", "Get-Wish", "Join-Domain"].map(|name| function(&script, name));
    let inside: usize = places.iter().map(|text| uses(text, "$password")).sum();
    // $passwordLogin is another's name.
    assert_eq!(uses(&script, "$password") - uses(&script, "$passwordlogin"), inside);
    let [read, _, join] = places;
    for cleared in ["$bytes", "$characters"] {
        assert!(read.contains(&format!("[Array]::Clear({cleared}, 0, {cleared}.Length)")), "{cleared}");
    }
    let order = ["Read-Password", "Remove-Keys", "Join-Patiently", "} finally {", "$password.Dispose()"];
    let at: Vec<_> = order.iter().map(|part| join.find(part).unwrap()).collect();
    assert!(at.is_sorted(), "the key goes before the join, the password after it: {at:?}");
}

#[test]
fn answers_have_the_members_that_domain_joiner_knows() {
    let known: BTreeSet<&str> = [
        "adsteward",
        "action",
        "outcome",
        "nonce",
        "publicKey",
        "platform",
        "computer",
        "domain",
        "verified",
        "reboot",
        "missingGroups",
        "reason",
        "detail",
    ]
    .into();
    let script = script("JoinWindowsDocument");
    let answers = Regex::new(r"\[ordered\] @\{ ([^}]+) \}").unwrap();
    let member = Regex::new(r"(?:^|; )([A-Za-z]+) =").unwrap();
    let later = Regex::new(r"\$fields\['([A-Za-z]+)'\]").unwrap();
    let mut found: BTreeSet<String> = later.captures_iter(&script).map(|field| field[1].to_owned()).collect();
    for answer in answers.captures_iter(&script) {
        found.extend(member.captures_iter(&answer[1]).map(|field| field[1].to_owned()));
    }
    assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), known);
    assert!(script.contains("-Compress) + \"`n\""), "a carriage return would stand in the line");
}

#[test]
fn leaving_is_by_a_security_identifier_or_by_a_name_with_a_marker() {
    let nonce = "00112233445566778899aabbccddeeff";
    // What domain-joiner writes, and what a host of a join account does.
    let marker = format!("adsteward i-0123456789abcdef0 111122223333 us-gov-west-1 {nonce}");
    let attempt = format!("adsteward {nonce}");
    for (parameter, accepted, refused) in [
        (
            "Sid",
            vec!["", "S-1-5-21-1-2-3-1104"],
            vec!["S-1-5-32-544", "S-1-5-21-1-2-3", "S-1-5-21-1-2-3-4)(x=*"],
        ),
        ("Marker", vec!["", &marker, &attempt], vec!["somebody's", "*", "adsteward", "adsteward i-1 *"]),
        ("HostName", vec!["", "ec2-abc.corp.example.test"], vec!["*", "a b", "ec2-abc.", "a.b;c"]),
        ("Address", vec!["", "10.0.0.7"], vec!["10.0.0", "::1", "10.0.0.7 "]),
        ("ComputerName", vec!["ec2-abcdefghijk"], vec!["", "*", "ec2-abc$", "sixteen-letters-"]),
    ] {
        for value in accepted {
            assert!(takes("LeaveDocument", parameter, value), "{parameter}: {value}");
        }
        for value in refused {
            assert!(!takes("LeaveDocument", parameter, value), "{parameter}: {value}");
        }
    }
    let find = function(&script("LeaveDocument"), "Find-Computer");
    assert!(
        find.contains("(objectSid=$sid)") && find.contains("(sAMAccountName=$account)(description=$marker)")
    );
    assert!(
        function(&script("LeaveDocument"), "Remove-ComputerObject").contains("-Identity $found.ObjectGUID")
    );
}
