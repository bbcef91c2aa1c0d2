//! Random values through the document's patterns, Systems Manager's textual interpolation and the real bash: none is run.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use super::distributions::join;
use super::document::{Document, NONCE, Values};
use super::sandbox::{DISTRIBUTIONS, Sandbox};
use crate::template::root;

const VALUES: usize = 100_000;
/// Values of one bash process.
const BATCH: usize = 2_500;
/// What a shell could be made to run, or to write.
const FRAGMENTS: [&str; 32] = [
    "'",
    "\"",
    "`",
    "$(",
    ")",
    "${",
    "}",
    ";",
    "|",
    "&",
    "&&",
    "\n",
    "\r\n",
    "\\",
    "{{ Action }}",
    "canary",
    "$(canary)",
    "`canary`",
    "';canary;'",
    ">canary",
    "<(canary)",
    "$IFS",
    "*",
    "?",
    "[a]",
    "~",
    "#",
    "!",
    "--",
    " ",
    "%s",
    "\u{85}",
];

/// splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }

    /// Bytes as they come, shell words, or what a name is made of; of any length up to a few dozen.
    fn value(&mut self, usual: &str) -> String {
        const PLAIN: &[u8] = b"abcxyzABCXYZ0189 ._-,=/+";
        let length = self.below(24);
        match self.below(4) {
            0 => {
                let bytes: Vec<u8> = (0..length).map(|_| self.next().to_le_bytes()[0]).collect();
                String::from_utf8_lossy(&bytes).into_owned()
            }
            1 => {
                let place = self.below(usual.len() + 1);
                format!("{}{}{}", &usual[..place], self.pick(&FRAGMENTS), &usual[place..])
            }
            2 => (0..self.below(5)).map(|_| self.pick(&FRAGMENTS)).collect(),
            _ => (0..length).map(|_| char::from(PLAIN[self.below(PLAIN.len())])).collect(),
        }
    }
}

fn usual(name: &str) -> String {
    match name {
        "Action" => "join".to_owned(),
        "Mode" => "one-time".to_owned(),
        "Domain" => "corp.example.test".to_owned(),
        "Ou" => "OU=Computers,OU=CORP,DC=corp,DC=example,DC=test".to_owned(),
        "ComputerName" => "ec2-abc".to_owned(),
        "DnsServers" => "10.0.0.10,10.0.1.10".to_owned(),
        "Groups" => "Linux Admins,Operators".to_owned(),
        "JoinUser" => "svc-join".to_owned(),
        "Secret" => "Aa+/".repeat(128),
        "Nonce" => NONCE.to_owned(),
        "SudoGroup" => "Linux Admins".to_owned(),
        _ => "true".to_owned(),
    }
}

fn seed() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() & 0xffff_ffff).unwrap()
}

/// Runs the script's assignments and its own check of them with each set of values, in one bash; what it prints for each.
fn check_in_bash(document: &Document, sets: &[Values], test: &str) -> Vec<String> {
    let (definitions, _) = document.script.split_once("\ncheck_parameters\n").unwrap();
    let start = definitions.find("action='{{").unwrap();
    let end = definitions[start..].find("\n\n").unwrap() + start;
    let valid = document.parameters.keys().map(|name| (name.clone(), usual(name))).collect();
    let mut script = Document::interpolated(definitions, &valid);
    script.push_str("\nexec 1>&3\ncanary() { echo CANARY >&3; }\nPATH=/nonexistent\n");
    for values in sets {
        let assignments = Document::interpolated(&definitions[start..end], values);
        script.push_str(&format!(
            "(\n{assignments}\ncheck_parameters\nprintf '%s|' taken \"$domain\" \"$ou\" \"$computer\" \"$groups\" \"$sudo_group\"\n)\n\
             printf '\\036'\n"
        ));
    }
    let folder = root().join(format!("target/join/{test}-{}", std::process::id()));
    let (work, file) = (folder.join("work"), folder.join("script.sh"));
    fs::create_dir_all(&work).unwrap();
    fs::write(&file, script).unwrap();
    let output = Command::new("bash").arg(&file).current_dir(&work).env_clear().output().unwrap();
    let left: Vec<_> = fs::read_dir(&work).unwrap().collect();
    assert!(left.is_empty(), "something was written: {left:?}");
    fs::remove_dir_all(&folder).unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    printed.split_terminator('\u{1e}').map(str::to_owned).collect()
}

/// What the script must make of values that Systems Manager lets through: themselves, or a refusal of its own.
fn fits(printed: &str, values: &Values) -> bool {
    let lower = |name: &str| values[name].to_lowercase();
    let own = format!(
        "taken|{}|{}|{}|{}|{}|",
        lower("Domain"),
        values["Ou"],
        lower("ComputerName"),
        values["Groups"],
        values["SudoGroup"]
    );
    printed == own || (printed.lines().count() == 1 && printed.contains("\"reason\":\"unusable-parameter\""))
}

#[test]
fn a_hundred_thousand_random_values_run_nothing() {
    let (document, seed) = (Document::read(), seed());
    println!("seed {seed}");
    let mut random = Random(seed);
    let names: Vec<&str> = document.parameters.keys().map(String::as_str).collect();
    let (mut accepted, mut quoteless) = (BTreeMap::<&str, Vec<String>>::new(), Vec::new());
    for _ in 0..VALUES {
        let name = random.pick(&names);
        let value = random.value(&usual(name));
        if document.patterns[name].is_match(&value) {
            accepted.entry(name).or_default().push(value);
        } else if !value.contains(['\'', '\0', '\u{1e}'])
            && !value.contains("{{")
            && quoteless.len() < 3 * BATCH
        {
            quoteless.push((name, value));
        }
    }
    let kept: usize = accepted.values().map(Vec::len).sum();
    assert!(kept > VALUES / 50, "seed {seed}: only {kept} values were let through");

    // All that is let through, several in each run; a parameter that has run out of values has its usual one.
    let mut sets = Vec::new();
    while accepted.values().any(|values| !values.is_empty()) {
        let next = |name: &&str| (*name).to_owned();
        let value = |name: &str, left: &mut BTreeMap<&str, Vec<String>>| {
            left.get_mut(name).and_then(Vec::pop).unwrap_or_else(|| usual(name))
        };
        let set: Values = names.iter().map(|name| (next(name), value(name, &mut accepted))).collect();
        sets.push(set);
    }
    for batch in sets.chunks(BATCH) {
        let printed = check_in_bash(&document, batch, "accepted");
        assert_eq!(printed.len(), batch.len(), "seed {seed}");
        for (printed, values) in printed.iter().zip(batch) {
            assert!(fits(printed, values), "seed {seed}: {values:?} gave {printed:?}");
        }
    }

    // And what Systems Manager refuses is refused by the script too, as far as quotes hold it together.
    for batch in quoteless.chunks(BATCH) {
        let wrong: Vec<Values> = batch
            .iter()
            .map(|(wrong, value)| {
                let own = |name: &&str| if name == wrong { value.clone() } else { usual(name) };
                names.iter().map(|name| ((*name).to_owned(), own(name))).collect()
            })
            .collect();
        for (printed, (name, value)) in check_in_bash(&document, &wrong, "refused").iter().zip(batch) {
            assert!(
                printed.contains("\"reason\":\"unusable-parameter\"") && !printed.contains("CANARY"),
                "seed {seed}: {name} {value:?} gave {printed:?}"
            );
        }
    }
    println!("{kept} let through in {} runs, {} refused twice", sets.len(), quoteless.len());
}

#[test]
fn a_value_that_is_run_would_be_noticed() {
    let document = Document::read();
    let mut values: Values = document.parameters.keys().map(|name| (name.clone(), usual(name))).collect();
    values.insert("Groups".to_owned(), "x'; canary; '".to_owned());
    assert!(!document.patterns["Groups"].is_match(&values["Groups"]));
    let printed = check_in_bash(&document, std::slice::from_ref(&values), "noticed");
    assert!(printed[0].contains("CANARY") && !fits(&printed[0], &values), "{printed:?}");
}

#[test]
fn random_names_reach_every_tool_as_they_are() {
    let (document, seed) = (Document::read(), seed());
    println!("seed {seed}");
    let mut random = Random(seed);
    let mut value = |name: &str| loop {
        let value = random.value(&usual(name));
        if document.patterns[name].is_match(&value) && !value.is_empty() {
            return value;
        }
    };
    for distribution in DISTRIBUTIONS.into_iter().cycle().take(24) {
        let (group, sudo, computer) = (value("Groups"), value("SudoGroup"), value("ComputerName"));
        let sandbox = Sandbox::new("random", distribution);
        let ended = join(
            &sandbox,
            &[
                ("Groups", group.as_str()),
                ("SudoGroup", &sudo),
                ("ComputerName", &computer),
                ("DnsServers", "10.0.0.10"),
            ],
        );
        let at = format!("seed {seed}: {distribution} {group:?} {sudo:?} {computer:?}");
        assert_eq!((ended.word(), ended.code), ("joined", 0), "{at}: {ended:?}");
        let calls = sandbox.calls();
        let named = format!(" --computer-name={} ", computer.to_lowercase());
        assert!(
            calls.iter().any(|call| call.starts_with("adcli join ") && call.contains(&named)),
            "{at}: {calls:?}"
        );
        for group in group.split(',') {
            let filter = format!(" (&(objectClass=group)(sAMAccountName={group})) ");
            assert!(
                calls.iter().any(|call| call.starts_with("ldapsearch ") && call.contains(&filter)),
                "{at}: {calls:?}"
            );
        }
        let rule = format!("%{} ALL=(ALL) ALL\n", sudo.to_lowercase().replace(' ', "\\ "));
        assert_eq!(sandbox.text("etc/sudoers.d/adsteward"), rule, "{at}");
    }
}
