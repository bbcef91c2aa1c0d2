//! The part of EventBridge's pattern language that the templates use: exact values, `wildcard`, `prefix`, `anything-but` and
//! `exists`.
//!
//! After "Amazon EventBridge event pattern operators" in the EventBridge user guide.

use serde_json::{Value, json};

/// Whether an event matches a pattern.
pub(crate) fn matches(pattern: &Value, event: &Value) -> bool {
    let fields = pattern.as_object().unwrap();
    fields.iter().all(|(name, wanted)| match wanted {
        Value::Object(_) => event.get(name).is_some_and(|inner| matches(wanted, inner)),
        Value::Array(options) => options.iter().any(|option| matches_option(option, event.get(name))),
        other => panic!("{name}: {other} is neither an object nor a list"),
    })
}

fn matches_option(option: &Value, value: Option<&Value>) -> bool {
    let Some(operator) = option.as_object() else {
        return value == Some(option);
    };
    match operator.iter().next().map(|(name, argument)| (name.as_str(), argument)) {
        Some(("exists", wanted)) => wanted == value.is_some(),
        Some(("wildcard", wanted)) => {
            value.and_then(Value::as_str).is_some_and(|text| matches_wildcard(wanted.as_str().unwrap(), text))
        }
        Some(("prefix", wanted)) => {
            value.and_then(Value::as_str).is_some_and(|text| text.starts_with(wanted.as_str().unwrap()))
        }
        Some(("anything-but", others)) => {
            value.is_some_and(|value| !others.as_array().unwrap().contains(value))
        }
        _ => panic!("unforeseen operator {option}"),
    }
}

/// `*` stands for any run of characters.
fn matches_wildcard(wanted: &str, text: &str) -> bool {
    match wanted.split_once('*') {
        None => wanted == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices()
                .map(|(index, _)| &rest[index..])
                .chain([""])
                .any(|rest| matches_wildcard(after, rest))
        }),
    }
}

#[test]
fn operators_match_as_eventbridge_documents_them() {
    let pattern = json!({
        "a": ["x", {"wildcard": "*:Run/*"}, {"prefix": "our-"}],
        "b": {"c": [{"exists": false}], "d": [{"exists": false}, {"anything-but": [2, 3]}]},
    });
    for (event, expected) in [
        (json!({"a": "x", "b": {}}), true),
        (json!({"a": "Backdoor:Run/Time", "b": {"d": 1}}), true),
        (json!({"a": "Backdoor:Run", "b": {}}), false),
        (json!({"a": "x", "b": {"c": "error"}}), false),
        (json!({"a": "our-own", "b": {}}), true),
        (json!({"a": "not-our-own", "b": {}}), false),
        (json!({"a": "x", "b": {"d": 3}}), false),
        (json!({"a": "x"}), false),
        (json!({"b": {}}), false),
    ] {
        assert_eq!(matches(&pattern, &event), expected, "{event}");
    }
}
