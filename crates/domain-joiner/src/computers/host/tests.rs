use serde_json::{Value, json};
use steward_core::wire::{Answer, Asked, fake};

use super::*;
use crate::computers::Proof;
use crate::testing::{place, settings};

const HOST: &str = "i-0000000000000a001";
const COMMAND: &str = "e8d3c0e4-71f7-4491-898f-c9b35bee5f3b";
const SID: &str = "S-1-5-21-1-2-3-1104";
const MARKER: &str = "adsteward i-0123456789abcdef0 111122223333 eu-central-1 0f0f";

/// What Systems Manager knows with the tag: each instance and whether it is reached. One a page, as it may be.
fn tools_host(known: &[(&str, &str)]) -> (ToolsHost, Asked) {
    let each = |(id, status): &(&str, &str)| json!({"InstanceId": id, "PingStatus": status});
    let known: Vec<Value> = known.iter().map(each).collect();
    let (sdk, asked) = fake(move |what, body| match what {
        "AmazonSSM.DescribeInstanceInformation" => {
            let asked: Value = serde_json::from_str(body).unwrap();
            let page: usize = asked["NextToken"].as_str().map_or(0, |token| token.parse().unwrap());
            let list = known.get(page).map(|one| vec![one]).unwrap_or_default();
            let next = (page + 1 < known.len()).then(|| (page + 1).to_string());
            Answer::ok(json!({"InstanceInformationList": list, "NextToken": next}).to_string())
        }
        _ => Answer::ok(json!({"Command": {"CommandId": COMMAND}}).to_string()),
    });
    let host = ToolsHost {
        client: Client::new(&sdk),
        members: MemberAccounts::new(&sdk, Vec::new()),
        home: ("111122223333".parse().unwrap(), "eu-west-1".parse().unwrap()),
        tag: ("tools".to_owned(), "yes".to_owned()),
        document: "adsteward-leave".to_owned(),
    };
    (host, asked)
}

fn removal(proof: Proof) -> Removal {
    let name = settings().name_of(&place("i-0123456789abcdef0"));
    let address = "10.1.0.7".parse().ok();
    Removal { name, proof, domain: "corp.example.test".to_owned(), address }
}

#[tokio::test]
async fn the_one_host_that_is_reached_is_told_what_to_remove_and_what_proves_whose_it_is() {
    let proofs =
        [(Proof::Sid(SID.parse().unwrap()), SID, ""), (Proof::Marker(MARKER.to_owned()), "", MARKER)];
    for (proof, sid, marker) in proofs {
        let (host, asked) = tools_host(&[("i-0000000000000a002", "ConnectionLost"), (HOST, "Online")]);
        let removal = removal(proof);
        let given = Order::Given { host: HOST.parse().unwrap(), command: COMMAND.to_owned() };
        assert_eq!(host.order(&removal).await.unwrap(), given);
        let asked = asked.lock().unwrap();
        let [found, next, sent] = &asked[..] else { panic!("{asked:?}") };
        assert!(next.contains("NextToken"), "{next}");
        assert!(found.contains(r#"{"Key":"tag:tools","Values":["yes"]}"#), "{found}");
        let sent: Value = serde_json::from_str(sent.split_once(' ').unwrap().1).unwrap();
        let name = removal.name.as_str();
        let expected = json!({
            "ComputerName": [name], "Sid": [sid], "Marker": [marker], "HostName": [format!("{name}.corp.example.test")],
            "Address": ["10.1.0.7"], "Domain": ["corp.example.test"],
        });
        assert_eq!(
            (&sent["DocumentName"], &sent["InstanceIds"], &sent["Parameters"]),
            (&json!("adsteward-leave"), &json!([HOST]), &expected)
        );
    }
}

#[tokio::test]
async fn nothing_is_sent_where_not_exactly_one_instance_of_ec2_is_reached() {
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[], "0 instances"),
        (&[(HOST, "ConnectionLost")], "0 instances"),
        (&[(HOST, "Online"), ("i-0000000000000a002", "Online")], "2 instances"),
        (&[("mi-0123456789abcdef0", "Online")], "no instance of EC2"),
    ];
    for (known, words) in cases {
        let (host, asked) = tools_host(known);
        let order = host.order(&removal(Proof::Sid(SID.parse().unwrap()))).await.unwrap();
        assert!(matches!(&order, Order::NoHost(why) if why.contains(words)), "{order:?}");
        let asked = asked.lock().unwrap();
        assert!(!asked.iter().any(|call| call.contains("SendCommand")), "{asked:?}");
    }
}
