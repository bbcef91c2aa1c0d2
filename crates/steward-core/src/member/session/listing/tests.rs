use crate::wire::{Answer, fake};

use super::*;

fn page(instances: &[(&str, &str)], next: &str) -> Answer {
    let each = |(id, state): &(&str, &str)| {
        format!(
            "<item><instancesSet><item><instanceId>{id}</instanceId><instanceState><name>{state}</name></instanceState>\
             <launchTime>2026-11-21T02:10:00.000Z</launchTime><tagSet><item><key>AutoAdJoin</key><value>False</value>\
             </item></tagSet></item></instancesSet></item>"
        )
    };
    let items: String = instances.iter().map(each).collect();
    Answer::ok(format!(
        "<DescribeInstancesResponse><reservationSet>{items}</reservationSet>{next}</DescribeInstancesResponse>"
    ))
}

async fn listed(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Result<Vec<Listed>, MemberError> {
    let (sdk, _) = fake(move |_, body| answer(body));
    list(&sdk, &"111122223333".parse().unwrap()).await
}

#[tokio::test]
async fn every_page_is_read() {
    let found = listed(|body| match body.contains("NextToken=a%2Bb%3D") {
        true => page(&[("i-0123456789abcdef1", "terminated")], ""),
        false => page(&[("i-0123456789abcdef0", "running")], "<nextToken>a+b=</nextToken>"),
    });
    let found = found.await.unwrap();
    let states: Vec<_> = found.iter().map(|one| (one.id.as_str(), one.state)).collect();
    assert_eq!(states, [("i-0123456789abcdef0", State::Running), ("i-0123456789abcdef1", State::Terminated)]);
    assert!(found[0].opted_out);
    assert_eq!(found[0].launched, clock::seconds("2026-11-21T02:10:00Z").unwrap());
}

#[tokio::test]
async fn a_page_that_fails_or_says_something_odd_makes_all_of_it_unknown() {
    let first = || page(&[("i-0123456789abcdef0", "running")], "<nextToken>next</nextToken>");
    let denied = "<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>";
    for second in [
        Answer::error(403, "", denied),
        Answer::error(503, "", ""),
        Answer::ok(""),
        Answer::ok("<html><body>a proxy's page</body></html>"),
        page(&[("i-0123456789abcdef1", "dissolved")], ""),
        page(&[("nobody", "running")], ""),
    ] {
        let found =
            listed(move |body| if body.contains("NextToken") { second.clone() } else { first() }).await;
        assert!(found.is_err(), "{found:?}");
    }
}

#[tokio::test]
async fn a_listing_without_an_end_is_none() {
    let error = listed(|_| page(&[], "<nextToken>again</nextToken>")).await.unwrap_err();
    assert!(error.to_string().contains("do not end"), "{error}");
}

#[tokio::test]
async fn an_account_without_instances_has_an_empty_listing() {
    assert_eq!(listed(|_| page(&[], "")).await.unwrap(), []);
}
