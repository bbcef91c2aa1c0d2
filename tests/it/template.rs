//! `template.yaml` as JSON, with the short tags in their long form: `!Ref X` is `{"Ref": "X"}`; and with everything in it
//! that a condition may leave out.

use std::fs;
use std::path::{Path, PathBuf};

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Value, json};

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The text of a file of the checkout.
pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn template() -> Value {
    template_at("template.yaml")
}

/// Another template of the checkout.
pub(crate) fn template_at(path: &str) -> Value {
    let text = read(path);
    let documents = Yaml::load_from_str(&text).unwrap();
    assert_eq!(documents.len(), 1, "{path} is one document");
    let mut template = to_json(&documents[0]);
    template["Resources"] = with_all(template["Resources"].take());
    template
}

/// Each `Fn::If` as its first value, or as the second where the first is none.
fn with_all(value: Value) -> Value {
    match value {
        Value::Object(mut members) if members.contains_key("Fn::If") => {
            let branches = members["Fn::If"].as_array_mut().map(std::mem::take).unwrap();
            let [_, first, second] = <[Value; 3]>::try_from(branches).unwrap();
            with_all(if is_nothing(&first) { second } else { first })
        }
        Value::Object(members) => {
            members.into_iter().map(|(name, member)| (name, with_all(member))).collect()
        }
        Value::Array(items) => items.into_iter().map(with_all).filter(|item| !is_nothing(item)).collect(),
        other => other,
    }
}

fn is_nothing(value: &Value) -> bool {
    value["Ref"] == "AWS::NoValue"
}

/// The names and properties of all resources of a type.
pub(crate) fn resources<'a>(template: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    let resources = template["Resources"].as_object().unwrap();
    let found: Vec<_> = resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == kind)
        .map(|(name, resource)| (name.as_str(), &resource["Properties"]))
        .collect();
    assert!(!found.is_empty(), "the template has no {kind}");
    found
}

/// The properties of a resource.
pub(crate) fn properties<'a>(template: &'a Value, id: &str) -> &'a Value {
    &template["Resources"][id]["Properties"]
}

/// The statements of a role that allow an action.
pub(crate) fn allowing<'a>(template: &'a Value, role: &str, action: &str) -> Vec<&'a Value> {
    let document = &properties(template, role)["Policies"][0]["PolicyDocument"];
    let allows = items(&document["Statement"]).into_iter().filter(|statement| statement["Effect"] == "Allow");
    allows.filter(|statement| items(&statement["Action"]).iter().any(|one| **one == action)).collect()
}

/// Whether a condition holds only where another one does.
pub(crate) fn needs(template: &Value, condition: &str, other: &str) -> bool {
    let definition = &template["Conditions"][condition];
    let holds = |part: &Value| part["Condition"].as_str().is_some_and(|name| needs(template, name, other));
    condition == other
        || definition.get("Fn::And").is_some_and(|parts| items(parts).into_iter().any(holds))
        || definition.get("Fn::Or").is_some_and(|parts| items(parts).into_iter().all(holds))
}

/// The logical id that a `Ref` or `Fn::GetAtt` names.
pub(crate) fn target(value: &Value) -> &str {
    let id = value.get("Ref").or_else(|| value["Fn::GetAtt"].get(0)).and_then(Value::as_str);
    id.unwrap_or_else(|| panic!("{value} is neither a Ref nor a GetAtt"))
}

/// A value that may be one or many, as many.
pub(crate) fn items(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |items| items.iter().collect())
}

fn to_json(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(scalar) => scalar_to_json(scalar),
        Yaml::Sequence(items) => items.iter().map(to_json).collect(),
        Yaml::Mapping(entries) => entries.iter().map(|(key, value)| (key_of(key), to_json(value))).collect(),
        Yaml::Tagged(tag, value) => call(&tag.suffix, to_json(value)),
        other => panic!("template.yaml: unexpected {other:?}"),
    }
}

fn key_of(key: &Yaml<'_>) -> String {
    key.as_str().unwrap_or_else(|| panic!("template.yaml: key {key:?} is not a string")).to_owned()
}

fn scalar_to_json(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => json!(value),
        Scalar::Integer(value) => json!(value),
        Scalar::FloatingPoint(value) => json!(value.into_inner()),
        Scalar::String(value) => json!(value),
    }
}

fn call(function: &str, argument: Value) -> Value {
    match (function, argument.as_str()) {
        ("Ref" | "Condition", _) => json!({ function: argument }),
        ("GetAtt", Some(path)) => json!({ "Fn::GetAtt": path.split('.').collect::<Vec<_>>() }),
        _ => json!({ format!("Fn::{function}"): argument }),
    }
}

#[test]
fn what_a_condition_may_leave_out_is_there() {
    let value =
        json!([{"Fn::If": ["A", {"Fn::If": ["B", {"Ref": "AWS::NoValue"}, 1]}, 2]}, {"Ref": "AWS::NoValue"}]);
    assert_eq!(with_all(value), json!([1]));
}

#[test]
fn short_tags_read_as_their_long_form() {
    let text = "a: !Ref B\nc: !GetAtt D.Arn\ne: !Join [',', !Ref F]\n";
    let read = to_json(&Yaml::load_from_str(text).unwrap()[0]);
    let long = json!({
        "a": {"Ref": "B"},
        "c": {"Fn::GetAtt": ["D", "Arn"]},
        "e": {"Fn::Join": [",", {"Ref": "F"}]},
    });
    assert_eq!(read, long);
}
