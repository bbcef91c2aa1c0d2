use steward_core::wire::{Answer, Asked as Requests, fake};

use super::*;

fn run_command(answer: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> (RunCommand, Requests) {
    let (sdk, requests) = fake(answer);
    let systems = RunCommand {
        client: Client::new(&sdk),
        account: "111122223333".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        documents: Documents {
            identify: "adsteward-identify-user".to_owned(),
            end_sessions: "adsteward-end-sessions".to_owned(),
        },
        kill_switch_parameter: "/adsteward/kill-switch".to_owned(),
        others: None,
    };
    (systems, requests)
}

fn place() -> Place {
    Place {
        account: "111122223333".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        instance: "i-0123456789abcdef0".parse().unwrap(),
    }
}

#[tokio::test]
async fn asks_one_instance_with_our_document_and_nothing_but_the_chain() {
    let (systems, requests) = run_command(|_, _| Answer::ok(r#"{"Command":{"CommandId":"c-1"}}"#));
    assert_eq!(systems.ask(&place(), "7:5:0").await.unwrap(), Asked::Command("c-1".to_owned()));
    let request = requests.lock().unwrap()[0].clone();
    assert!(request.starts_with("AmazonSSM.SendCommand "), "{request}");
    for part in [
        r#""InstanceIds":["i-0123456789abcdef0"]"#,
        r#""Parameters":{"chain":["7:5:0"]}"#,
        "adsteward-identify-user",
    ] {
        assert!(request.contains(part), "{request}");
    }
}

#[tokio::test]
async fn has_one_instance_end_the_sessions_of_one_user() {
    let (systems, requests) = run_command(|_, _| Answer::ok(r#"{"Command":{"CommandId":"c-2"}}"#));
    let owner = SessionOwner { user: "alice".parse().unwrap(), uid: 5, process: "7:0".to_owned() };
    let asked = systems.end_sessions(&place(), &owner).await.unwrap();
    assert_eq!(asked, Asked::Command("c-2".to_owned()));
    let request = requests.lock().unwrap()[0].clone();
    for part in [
        r#""InstanceIds":["i-0123456789abcdef0"]"#,
        r#""uid":["5"]"#,
        r#""user":["alice"]"#,
        r#""process":["7:0"]"#,
        "adsteward-end-sessions",
    ] {
        assert!(request.contains(part), "{request}");
    }
}

#[tokio::test]
async fn an_agent_that_is_not_there_is_an_answer_and_no_failure() {
    let (systems, _) = run_command(|_, _| Answer::error(400, "InvalidInstanceId", "{}"));
    assert_eq!(systems.ask(&place(), "7:5:0").await.unwrap(), Asked::AgentAbsent);
}

#[tokio::test]
async fn an_invocation_that_has_not_appeared_yet_is_pending() {
    let (systems, _) = run_command(|_, _| Answer::error(400, "InvocationDoesNotExist", "{}"));
    assert_eq!(systems.reply(&place(), "c-1").await.unwrap(), Reply::Pending);
}

#[tokio::test]
async fn a_kill_switch_that_cannot_be_read_is_a_failure() {
    for (code, kind) in [("ParameterNotFound", Kind::Permanent), ("ThrottlingException", Kind::Transient)] {
        let (systems, _) = run_command(move |_, _| Answer::error(400, code, "{}"));
        assert_eq!(systems.kill_switch().await.unwrap_err().kind(), kind);
    }
    let (systems, _) = run_command(|_, _| Answer::ok(r#"{"Parameter":{"Value":"off"}}"#));
    assert_eq!(systems.kill_switch().await.unwrap(), KillSwitch::Off);
}

fn reply(status: &str, details: &str) -> Reply {
    reply_of(
        &GetCommandInvocationOutput::builder()
            .status(CommandInvocationStatus::from(status))
            .status_details(details)
            .standard_output_content("x")
            .build(),
    )
}

#[test]
fn knows_every_status_and_takes_none_but_success_for_an_answer() {
    assert_eq!(reply("Success", "Success"), Reply::Output("x".to_owned()));
    for status in ["Pending", "InProgress", "Delayed", "Cancelling"] {
        assert_eq!(reply(status, status), Reply::Pending, "{status}");
    }
    assert_eq!(reply("Failed", "Failed"), Reply::None(Doubt::CommandFailed));
    assert_eq!(reply("Failed", "Undeliverable"), Reply::None(Doubt::CommandCancelled));
    assert_eq!(reply("Failed", "Terminated"), Reply::None(Doubt::CommandCancelled));
    assert_eq!(reply("Cancelled", "Cancelled"), Reply::None(Doubt::CommandCancelled));
    for details in ["DeliveryTimedOut", "ExecutionTimedOut", "TimedOut"] {
        assert_eq!(reply("TimedOut", details), Reply::None(Doubt::CommandTimedOut), "{details}");
    }
    assert_eq!(reply("SomethingNew", ""), Reply::None(Doubt::CommandFailed));
}

#[test]
fn only_a_clear_no_lets_it_act() {
    for value in ["off", " Off ", "false", "no", "0"] {
        assert_eq!(read_switch(value), KillSwitch::Off, "{value}");
    }
    for value in ["on", "", "of", "true", "1", "null"] {
        assert_eq!(read_switch(value), KillSwitch::On, "{value}");
    }
}
