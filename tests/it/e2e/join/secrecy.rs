//! No secret of a join and a leave stands anywhere but where it has to.

use serde_json::{Value, json};

use super::launched::Launched;
use crate::lab::{aws, lab, variable};
use crate::operator::{aws as ask, lab as ask_lab};
use crate::secrecy::{function_logs, lab_logs};
use crate::stack::output;

/// Gathers what all processes of an instance show of themselves, again and again, until it is told to stop.
const WATCH: &str = "setsid sh -c 'while ! test -e /run/enough; do
    cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr \"\\0\" \"\\n\" | sort -u >>/run/seen; done; touch /run/done' \
    </dev/null >/dev/null 2>&1 &";

fn passwords() -> Vec<String> {
    let known = ask_lab("computer-passwords", &json!({}));
    known["passwords"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// What Systems Manager shows of the commands on an instance to whoever may list them.
fn commands(instance: &str) -> String {
    let listed = ask("ssm", "list_commands", &json!({ "InstanceId": instance }));
    let commands = listed["Commands"].as_array().unwrap();
    assert!(commands.len() >= 2, "{commands:?}");
    let shown = |command: &Value| {
        let request = json!({"CommandId": command["CommandId"], "InstanceId": instance});
        format!("{command} {}", ask("ssm", "get_command_invocation", &request))
    };
    commands.iter().map(shown).collect()
}

#[test]
fn no_secret_of_a_join_and_a_leave_stands_in_a_call_a_command_a_log_a_mail_a_table_or_on_the_host() {
    let known = passwords().len();
    let instance = Launched::with(&["--agent-delay", "4"]);
    instance.sh(WATCH);
    instance.until("joined");
    instance.sh("touch /run/enough; until test -e /run/done; do sleep 0.1; done");
    let one_time = passwords().split_off(known);
    assert!(!one_time.is_empty() && one_time.iter().all(|password| password.len() >= 20));
    let commands = commands(&instance.id);
    let processes = instance.sh("cat /run/seen; rm /run/seen");
    assert!(processes.contains("--login-type=computer"), "the processes were looked at while it joined");
    for password in &one_time {
        let (first, second) = password.split_at(password.len() / 2);
        // In two parts, so that no command of this test shows it.
        let search = format!(
            "a='{first}'; grep -rlaF -e \"$a\"'{second}' /run /etc /var /tmp /root /dev/shm || test $? = 1"
        );
        assert_eq!(instance.sh(&search), "", "on the host's disk or in its memory file systems");
    }
    instance.terminate();
    instance.until("left");

    let secret = ["secretsmanager", "get-secret-value", "--secret-id", variable("COMPUTER_SECRET_ARN")];
    let leaver: Value = serde_json::from_str(aws(&secret)["SecretString"].as_str().unwrap()).unwrap();
    let leaver = leaver["awsSeamlessDomainPassword"].as_str().unwrap().to_owned();
    let table =
        ask("dynamodb", "scan", &json!({"TableName": output("ComputerTableName"), "ConsistentRead": true}));
    for (place, text) in [
        ("calls", lab(&["calls"])),
        ("commands", commands),
        ("processes", processes),
        ("logs of the functions", function_logs()),
        ("logs of the lab", lab_logs()),
        ("mails", lab(&["mail"])),
        ("the table", table.to_string()),
    ] {
        for password in one_time.iter().chain([&leaver]) {
            assert!(!text.contains(password.as_str()), "a password stands in {place}");
        }
        let shown = place == "calls" || !text.contains(&external_id());
        assert!(shown, "the external id stands in {place}");
    }
}

/// Of the account's row.
fn external_id() -> String {
    let key = json!({"accountId": {"S": variable("AWS_ACCOUNT_ID")}});
    let row = ask("dynamodb", "get_item", &json!({"TableName": output("AccountTableName"), "Key": key}));
    row["Item"]["externalId"]["S"].as_str().unwrap().to_owned()
}
