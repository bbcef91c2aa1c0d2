//! The document of `stacks/member.yaml`, its patterns and its script.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value;

use crate::template::template_at;

/// A value for each parameter.
pub(crate) type Values = BTreeMap<String, String>;

pub(crate) struct Document {
    pub(crate) parameters: BTreeMap<String, Value>,
    pub(crate) patterns: BTreeMap<String, Regex>,
    pub(crate) script: String,
}

pub(crate) fn content() -> Value {
    template_at("stacks/member.yaml")["Resources"]["JoinLinuxDocument"]["Properties"]["Content"].take()
}

impl Document {
    pub(crate) fn read() -> Self {
        let content = content();
        let parameters: BTreeMap<String, Value> =
            content["parameters"].as_object().unwrap().clone().into_iter().collect();
        let pattern = |declared: &Value| Regex::new(declared["allowedPattern"].as_str().unwrap()).unwrap();
        let patterns = parameters.iter().map(|(name, declared)| (name.clone(), pattern(declared))).collect();
        let script = content["mainSteps"][0]["inputs"]["runCommand"][0].as_str().unwrap().to_owned();
        Self { parameters, patterns, script }
    }

    /// Values that join a host, but for those that are given.
    pub(crate) fn values(&self, given: &[(&str, &str)]) -> Values {
        let default = |(name, declared): (&String, &Value)| {
            (name.clone(), declared["default"].as_str().unwrap_or_default().to_owned())
        };
        let mut values: Values = self.parameters.iter().map(default).collect();
        let usual = [("Domain", "corp.example.test"), ("ComputerName", "ec2-abc"), ("Nonce", NONCE)];
        for (name, value) in usual.into_iter().chain(given.iter().copied()) {
            assert!(values.insert(name.to_owned(), value.to_owned()).is_some(), "{name}");
        }
        values
    }

    /// What Systems Manager makes of a part of the script: the values are put in as they are.
    pub(crate) fn interpolated(part: &str, values: &Values) -> String {
        values
            .iter()
            .fold(part.to_owned(), |text, (name, value)| text.replace(&format!("{{{{ {name} }}}}"), value))
    }
}

pub(crate) const NONCE: &str = "00112233445566778899aabbccddeeff";
