use std::time::{Duration, Instant};

use super::*;
use crate::testing::{Answer, Kdc, Recorded, password, refusal};

const DEADLINE: Duration = Duration::from_millis(1200);

async fn check(kdcs: &[String], secret: &str) -> (Verdict, Duration) {
    let began = Instant::now();
    let (realm, user) = (Recorded::MIT.realm, Recorded::MIT.user);
    let verdict = Client::new().check(kdcs, realm, user, &password(secret), DEADLINE).await;
    (verdict, began.elapsed())
}

/// What is said of the only address that is asked.
async fn reason_of(answer: Answer) -> Reason {
    let kdc = Kdc::start(answer).await;
    let (verdict, took) = check(&[kdc.name()], Recorded::MIT.password).await;
    assert!(took < DEADLINE + Duration::from_millis(300), "took {took:?}");
    match verdict {
        Verdict::Unreachable(attempts) => {
            assert_eq!(attempts.len(), 1);
            assert_eq!(attempts[0].address, kdc.name());
            attempts[0].reason
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn tells_a_right_password_from_a_wrong_one() {
    let kdc = Kdc::start(Answer::Genuine).await;
    assert_eq!(check(&[kdc.name()], Recorded::MIT.password).await.0, Verdict::Accepted);
    assert_eq!(check(&[kdc.name()], "Wrong1!").await.0, Verdict::WrongPassword);
}

#[tokio::test]
async fn goes_by_the_clock_that_it_is_given() {
    let kdc = Kdc::start(Answer::reply(&refusal(37))).await;
    let client = Client::with_clock(|| crate::testing::moment() + Duration::from_secs(360));
    let verdict = client.check(&[kdc.name()], "R", "u", &password("p"), DEADLINE).await;
    assert_eq!(verdict, Verdict::ClockSkew { offset: -360 });
}

#[tokio::test]
async fn asks_the_next_where_one_gives_no_answer_to_go_by() {
    let genuine = Kdc::start(Answer::Genuine).await;
    let useless = [
        Kdc::nobody().await,
        Kdc::start(Answer::Silence).await.name(),
        Kdc::start(Answer::Bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())).await.name(),
        Kdc::start(Answer::Bytes(vec![])).await.name(),
        Kdc::start(Answer::reply(&refusal(29))).await.name(),
    ];
    for first in useless {
        let (verdict, took) = check(&[first.clone(), genuine.name()], Recorded::MIT.password).await;
        assert_eq!(verdict, Verdict::Accepted, "after {first}");
        assert!(took < DEADLINE, "took {took:?}");
    }
}

#[tokio::test]
async fn tells_each_way_in_which_an_address_is_useless() {
    assert_eq!(reason_of(Answer::Silence).await, Reason::TimedOut);
    assert_eq!(reason_of(Answer::Bytes(vec![])).await, Reason::Broken);
    assert_eq!(reason_of(Answer::Bytes(vec![0, 0, 1, 0, 0x6b])).await, Reason::Broken);
    assert_eq!(reason_of(Answer::Bytes(vec![0; 4])).await, Reason::Malformed("its length"));
    assert_eq!(reason_of(Answer::Bytes(vec![0xff; 64])).await, Reason::Malformed("its length"));
    assert_eq!(reason_of(Answer::Bytes(vec![0, 2, 0, 1, 0x6b])).await, Reason::Malformed("its length"));
    assert_eq!(reason_of(Answer::reply(b"no")).await, Reason::Malformed("it is no Kerberos message"));
    assert_eq!(reason_of(Answer::reply(&refusal(60))).await, Reason::Error(60));
    assert_eq!(reason_of(Answer::Trickle([0, 0, 1, 0].repeat(99))).await, Reason::TimedOut);
}

#[tokio::test]
async fn names_every_address_with_its_reason_within_the_deadline() {
    let silent = [Kdc::start(Answer::Silence).await, Kdc::start(Answer::Silence).await];
    let nobody = Kdc::nobody().await;
    let kdcs = [silent[0].name(), nobody.clone(), silent[1].name(), "kdc.invalid".to_owned()];
    let (verdict, took) = check(&kdcs, "p").await;
    let attempt = |address: &str, reason| Attempt { address: address.to_owned(), reason };
    let expected = vec![
        attempt(&kdcs[0], Reason::TimedOut),
        attempt(&nobody, Reason::Refused),
        attempt(&kdcs[2], Reason::TimedOut),
        attempt("kdc.invalid", Reason::Dns),
    ];
    assert_eq!(verdict, Verdict::Unreachable(expected));
    assert!(took < DEADLINE + Duration::from_millis(300), "took {took:?}");
    let text = verdict.to_string();
    assert!(kdcs.iter().all(|kdc| text.contains(kdc)), "{text}");
}

#[tokio::test]
async fn a_silent_kdc_leaves_the_others_their_share_of_the_time() {
    let silent = Kdc::start(Answer::Silence).await;
    let genuine = Kdc::start(Answer::Genuine).await;
    let (verdict, took) = check(&[silent.name(), genuine.name()], Recorded::MIT.password).await;
    assert_eq!(verdict, Verdict::Accepted);
    assert!(took >= DEADLINE / 2, "the silent one had only {took:?}");
}

#[tokio::test]
async fn a_verdict_ends_the_search_so_that_a_wrong_password_counts_once() {
    let kdcs = [Kdc::start(Answer::Genuine).await, Kdc::start(Answer::Genuine).await];
    let (verdict, _) = check(&[kdcs[0].name(), kdcs[1].name()], "Wrong1!").await;
    assert_eq!(verdict, Verdict::WrongPassword);
    assert_eq!((kdcs[0].connections(), kdcs[1].connections()), (2, 0));
}

#[tokio::test]
async fn asks_no_address_twice() {
    let kdc = Kdc::start(Answer::Bytes(vec![])).await;
    let (verdict, _) = check(&[kdc.name(), kdc.name()], "p").await;
    let Verdict::Unreachable(attempts) = verdict else { panic!("{verdict:?}") };
    assert_eq!((attempts.len(), kdc.connections()), (1, 1));
}

#[tokio::test]
async fn asks_all_addresses_of_a_name() {
    // localhost is 127.0.0.1, and ::1 too on most machines; nothing listens at either.
    let port = Kdc::nobody().await.rsplit_once(':').unwrap().1.to_owned();
    let (verdict, _) = check(&[format!("localhost:{port}")], "p").await;
    let Verdict::Unreachable(attempts) = verdict else { panic!("{verdict:?}") };
    assert!(attempts.iter().any(|attempt| attempt.address == format!("127.0.0.1:{port}")), "{attempts:?}");
    assert!(attempts.iter().all(|attempt| attempt.reason == Reason::Refused), "{attempts:?}");
}

#[tokio::test]
async fn says_so_where_no_kdc_is_given() {
    let (verdict, _) = check(&[], "p").await;
    assert_eq!(verdict, Verdict::Unreachable(vec![]));
    assert!(verdict.to_string().contains("give the directory's addresses"));
}

#[test]
fn a_check_may_wait_on_any_thread() {
    fn may_move(_: impl Send) {}
    let (client, secret) = (Client::new(), password("p"));
    may_move(client.check(&[], "R", "u", &secret, DEADLINE));
}
