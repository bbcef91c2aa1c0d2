//! The items of all instances, read at once for all who want to know at about the same time; and time that flies for them.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::launched::plain;
use crate::operator::{aws, try_aws};
use crate::stack::output;

const RECENT: Duration = Duration::from_millis(800);

/// A process that has held an instance for longer than this, in seconds, has died: no fault of the matrix keeps one for as long.
const DEAD: u64 = 8;

type Items = BTreeMap<String, Value>;

/// The item of an instance, without DynamoDB's types; null when there is none. It may be a second old.
pub(super) fn item(instance: &str) -> Value {
    static KNOWN: Mutex<Option<(Instant, Items)>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap();
    let (_, items) = match known.take().filter(|(read, _)| read.elapsed() < RECENT) {
        Some(recent) => known.insert(recent),
        None => {
            let items = read();
            items.iter().for_each(|(instance, item)| let_go(instance, item));
            known.insert((Instant::now(), items))
        }
    };
    items.get(instance).cloned().unwrap_or_default()
}

/// Lets others at every instance whose process has died.
pub(super) fn let_time_fly() {
    item("");
}

fn read() -> Items {
    let mut request = json!({"TableName": output("ComputerTableName"), "ConsistentRead": true});
    let mut items = Items::new();
    loop {
        let page = aws("dynamodb", "scan", &request);
        let found = page["Items"].as_array().unwrap().iter();
        let computers = found.filter(|item| item["sk"]["S"] == "computer");
        items.extend(
            computers.map(|item| (item["pk"]["S"].as_str().unwrap().to_owned(), without_types(item))),
        );
        match &page["LastEvaluatedKey"] {
            Value::Null => return items,
            last => request["ExclusiveStartKey"] = last.clone(),
        }
    }
}

fn without_types(item: &Value) -> Value {
    item.as_object().unwrap().iter().map(|(name, typed)| (name.clone(), plain(typed))).collect()
}

/// Lets others at an instance whose process has died, as if the minutes had passed for which it holds it.
fn let_go(instance: &str, item: &Value) {
    let (until, at) = (item["busy_until"].as_u64().unwrap(), item["at"].as_u64().unwrap());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    if until > now && now > at + DEAD {
        let was =
            json!({":was": {"N": until.to_string()}, ":at": {"N": at.to_string()}, ":zero": {"N": "0"}});
        let update = json!({
            "TableName": output("ComputerTableName"), "Key": {"pk": {"S": instance}, "sk": {"S": "computer"}},
            "UpdateExpression": "SET busy_until = :zero", "ConditionExpression": "busy_until = :was AND #at = :at",
            "ExpressionAttributeNames": {"#at": "at"}, "ExpressionAttributeValues": was,
        });
        // Somebody else may have taken it since.
        if let Err(failure) = try_aws("dynamodb", "update_item", &update) {
            assert_eq!(failure.code, "ConditionalCheckFailedException");
        }
    }
}
