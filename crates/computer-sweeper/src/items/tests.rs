use steward_core::wire::{Answer, fake};

use super::*;

const ITEM: &str = r#"{"pk":{"S":"i-0123456789abcdef0"},"sk":{"S":"computer"},"state":{"S":"joined"},"phase":{"NULL":true},
    "account":{"S":"111122223333"},"region":{"S":"eu-central-1"},"name":{"S":"ec2-abc"},"marker":{"S":"adsteward x"},
    "sid":{"S":"S-1-5-21-1-2-3-1104"},"unsettled":{"BOOL":false},"claimed":{"BOOL":false},"look_at":{"N":"7"},
    "at":{"N":"8"},"reason":{"NULL":true},"revision":{"N":"3"}}"#;

async fn read_all(
    answer: impl Fn(&str) -> Answer + Send + Sync + 'static,
) -> (Result<Vec<Item>, Error>, Vec<String>) {
    let (sdk, asked) = fake(move |_, body| answer(body));
    let found = ComputerTable { client: Client::new(&sdk), name: "computers".to_owned() }.all().await;
    let asked = asked.lock().unwrap().clone();
    (found, asked)
}

#[tokio::test]
async fn every_page_is_read_consistently_and_only_instances_are_taken() {
    let (found, asked) = read_all(|body| match body.contains("ExclusiveStartKey") {
        true => Answer::ok(format!(r#"{{"Items":[{}]}}"#, ITEM.replace("def0", "def1"))),
        false => Answer::ok(format!(
            r#"{{"Items":[{ITEM}],"LastEvaluatedKey":{{"pk":{{"S":"x"}},"sk":{{"S":"y"}}}}}}"#
        )),
    })
    .await;
    let found = found.unwrap();
    assert_eq!((found.len(), found[0].state, found[0].at), (2, State::Joined, 8));
    assert!(found[0].may_have_object());
    assert!(asked.iter().all(|asked| asked.contains(r#""ConsistentRead":true"#)), "{asked:?}");
    assert!(asked[0].contains(r#""FilterExpression":"sk = :computer""#), "{asked:?}");
}

#[tokio::test]
async fn a_page_that_fails_or_an_odd_item_makes_all_of_it_unknown() {
    for second in [
        Answer::error(400, "ProvisionedThroughputExceededException", "{}"),
        Answer::ok(format!(r#"{{"Items":[{}]}}"#, ITEM.replace("joined", "departed"))),
        Answer::ok(format!(r#"{{"Items":[{}]}}"#, ITEM.replace("S-1-5", "X"))),
        Answer::ok(format!(r#"{{"Items":[{}]}}"#, ITEM.replace("i-0123456789abcdef0", "i-"))),
    ] {
        let (found, _) = read_all(move |body| match body.contains("ExclusiveStartKey") {
            true => second.clone(),
            false => Answer::ok(format!(
                r#"{{"Items":[{ITEM}],"LastEvaluatedKey":{{"pk":{{"S":"x"}},"sk":{{"S":"y"}}}}}}"#
            )),
        })
        .await;
        assert!(found.is_err(), "{found:?}");
    }
}

#[tokio::test]
async fn a_name_that_was_claimed_may_have_a_computer() {
    let (found, _) = read_all(|_| {
        let item = ITEM.replace(r#""sid":{"S":"S-1-5-21-1-2-3-1104"}"#, r#""sid":{"NULL":true}"#);
        Answer::ok(format!(
            r#"{{"Items":[{}]}}"#,
            item.replace(r#""claimed":{"BOOL":false}"#, r#""claimed":{"BOOL":true}"#)
        ))
    })
    .await;
    assert!(found.unwrap()[0].may_have_object());
}
