//! The same event in many spellings: XML leaves much to whoever writes it, and none of it may matter.

use std::fmt::Write;

use super::*;
use crate::testing::Random;

const SPELLINGS: u64 = 10_000;

/// Writes an event, deciding by chance whatever XML leaves open.
struct Writer {
    random: Random,
    /// The namespace's prefix with its colon; empty for the default namespace or none.
    prefix: &'static str,
    with_namespace: bool,
}

impl Writer {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let (prefix, with_namespace) =
            *random.pick(&[("", true), ("", false), ("e:", true), ("win_8-1.x:", true)]);
        Self { random, prefix, with_namespace }
    }

    fn chance(&mut self) -> bool {
        self.random.below(2) == 0
    }

    fn space(&mut self) -> &'static str {
        self.random.pick::<&str>(&["", "", " ", "\n", "\r\n\t", "   "])
    }

    /// What may stand between elements.
    fn between(&mut self) -> String {
        let what =
            *self.random.pick(&["", "", "", "<!-- <Data Name='TargetSid'>no</Data> -->", "<?no Data?>"]);
        format!("{}{what}{}", self.space(), self.space())
    }

    /// A text, each character of which may be spelled in several ways.
    fn text(&mut self, text: &str, quote: Option<char>) -> String {
        let mut spelled = String::new();
        for c in text.chars() {
            let number = u32::from(c);
            let _ = match self.random.below(12) {
                0 => write!(spelled, "&#{number};"),
                1 => write!(spelled, "&#x{number:x};"),
                2 => write!(spelled, "&#x00{number:X};"),
                3 if quote.is_none() => write!(spelled, "<![CDATA[{c}]]>"),
                4 if quote.is_none() => write!(spelled, "<!--no-->{}", plain(c, quote)),
                _ => write!(spelled, "{}", plain(c, quote)),
            };
        }
        spelled
    }

    fn attributes(&mut self, given: &[(&str, &str)]) -> String {
        let mut left: Vec<(String, String)> =
            given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        if self.chance() {
            left.push(("x".to_owned(), "it's > \"that\"".to_owned()));
        }
        let mut written = String::new();
        while !left.is_empty() {
            let at = usize::try_from(self.random.below(left.len() as u64)).unwrap();
            let (name, value) = left.remove(at);
            let quote = *self.random.pick(&['\'', '"']);
            let value = if name.starts_with("xmlns") { value } else { self.text(&value, Some(quote)) };
            let (a, b, c) = (self.space(), self.space(), self.space());
            let _ = write!(written, " {a}{name}{b}={c}{quote}{value}{quote}");
        }
        written + self.space()
    }

    fn element(&mut self, name: &str, attributes: &[(&str, &str)], content: &str) -> String {
        let (prefix, attributes, space) = (self.prefix, self.attributes(attributes), self.space());
        if content.is_empty() && self.chance() {
            return format!("<{prefix}{name}{attributes}/>");
        }
        format!("<{prefix}{name}{attributes}>{content}</{prefix}{name}{space}>")
    }

    fn value(&mut self, name: &str, attributes: &[(&str, &str)], value: &str) -> String {
        let content = format!("{}{}{}", self.space(), self.text(value, None), self.space());
        self.element(name, attributes, &content)
    }

    fn shuffled(&mut self, mut parts: Vec<String>) -> String {
        let mut written = self.between();
        while !parts.is_empty() {
            let at = usize::try_from(self.random.below(parts.len() as u64)).unwrap();
            written += &parts.remove(at);
            written += &self.between();
        }
        written
    }

    fn system(&mut self, record: &Record) -> String {
        let (id, number) = (record.id.to_string(), record.number.to_string());
        let qualifiers: &[(&str, &str)] = if self.chance() { &[("Qualifiers", "0")] } else { &[] };
        let zeros = *self.random.pick(&["", "0", "00"]);
        let time = *self.random.pick(&[
            "2026-11-21T09:30:41.1234567Z",
            "2026-11-21T09:30:41.123456700Z",
            "2026-11-21T10:30:41.1234567+01:00",
        ]);
        let parts = vec![
            self.element("Provider", &[("Name", PROVIDER), ("Guid", "{54849625}")], ""),
            self.value("EventID", qualifiers, &format!("{zeros}{id}")),
            self.element("TimeCreated", &[("SystemTime", time)], ""),
            self.value("EventRecordID", &[], &number),
            self.value("Computer", &[], &record.computer),
            self.value("Level", &[], "0"),
            self.element("Security", &[], ""),
        ];
        let content = self.shuffled(parts);
        self.element("System", &[], &content)
    }

    fn event(&mut self, record: &Record) -> String {
        let system = self.system(record);
        let data: Vec<String> =
            record.data().iter().map(|(name, value)| self.value("Data", &[("Name", name)], value)).collect();
        let data = self.shuffled(data);
        let data = self.element("EventData", &[], &data);
        let rendering = self.value("RenderingInfo", &[("Culture", "en-US")], "A user account was created.");
        let content = self.shuffled(vec![system, data, rendering]);
        let declaration = format!(
            "xmlns{}{}",
            if self.prefix.is_empty() { "" } else { ":" },
            self.prefix.trim_end_matches(':')
        );
        let namespace = [(declaration.as_str(), "http://schemas.microsoft.com/win/2004/08/events/event")];
        let namespace = if self.with_namespace { &namespace[..] } else { &[] };
        let event = self.element("Event", namespace, &content);
        let before = *self.random.pick(&[
            "",
            "\u{feff}",
            "<?xml version='1.0' encoding='utf-16'?>\r\n",
            "\u{feff}<?xml version=\"1.0\"?><!-- <Event/> -->",
            "<!-- <Event><System/></Event> -->\n",
            "<134>1 2026-11-21T09:30:41Z WIN-DC1 Security 528 - - ",
            "Nov 21 09:30:41 dc1 [a<b] Eventlog: ",
        ]);
        format!("{before}{event}{}", self.space())
    }
}

/// A character as itself, where it may stand for itself.
fn plain(c: char, quote: Option<char>) -> String {
    match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '\'' if quote == Some(c) => "&apos;".to_owned(),
        '"' if quote == Some(c) => "&quot;".to_owned(),
        c => c.to_string(),
    }
}

#[test]
fn ten_thousand_spellings_of_an_event_are_one_event() {
    let records: Vec<Record> = [4720, 4722, 4725, 4726].map(|id| Record::of(id, 1)).into();
    let expected: Vec<SecurityEvent> =
        records.iter().map(|record| SecurityEvent::read(&record.xml()).unwrap()).collect();
    for seed in 0..SPELLINGS {
        let which = usize::try_from(seed % 4).unwrap();
        let spelled = Writer::new(seed).event(&records[which]);
        assert_eq!(SecurityEvent::read(&spelled).as_ref(), Ok(&expected[which]), "seed {seed}: {spelled}");
    }
}
