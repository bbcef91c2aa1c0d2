//! Mode `join-user`: with the password of an account that may make computers, sealed to the instance like any other.

use serde_json::{Value, json};

use super::launched::Launched;
use super::object::named;
use super::row::Row;
use crate::directory::{add_to_group, create_group, create_users};
use crate::lab::{Journal, aws, lab, variable};
use crate::ldif::{domain, search};
use crate::mail::{body, subject};
use crate::operator::aws as ask;
use crate::rotation::account::Account;
use crate::rotation::secret::{Secret, Shape};
use crate::secrecy::{function_logs, lab_logs};
use crate::stack::output;

fn join_user() -> Account {
    Account::managed(variable("JOIN_USER"))
}

fn password() -> String {
    let name = variable("JOIN_USER_PARAMETER");
    let got = ask("ssm", "get_parameter", &json!({"Name": name, "WithDecryption": true}));
    got["Parameter"]["Value"].as_str().unwrap().to_owned()
}

/// Joins with the account's password that is kept there.
fn row(place: &str) -> Row {
    Row::with(&[
        ("joinMode", "join-user"),
        ("adJoinUserName", join_user().user),
        ("adJoinUserPwParam", place),
    ])
}

/// Whether it is a member whose object the join account has made.
fn is_member(instance: &Launched) {
    let name = instance.name();
    assert_eq!(named(&name).len(), 1);
    instance.sh(&format!("kinit -k -c MEMORY: '{name}$'"));
    assert_eq!(instance.item()["mode"], "join-user");
}

#[test]
fn an_instance_joins_with_a_join_accounts_password_that_nobody_sees_and_leaves() {
    create_users(["ulla", "uwe"]);
    create_group("Join User Testers");
    add_to_group("Join User Testers", "ulla");
    let _row = row(variable("JOIN_USER_PARAMETER"));
    let calls = Journal::from_now("calls");
    let instance = Launched::joined(&["--tag", "adGroupName=Join User Testers"]);
    is_member(&instance);
    assert_eq!(["ulla", "uwe"].map(|user| instance.admits(user)), [true, false]);
    let made = calls.read().into_iter().filter(|call| call["operation"] == "CreateComputer").count();
    assert_eq!(made, 0, "the join account makes the object");
    let name = instance.name();
    has_no_copy(&instance, &password());

    instance.terminate();

    instance.until("left");
    assert!(named(&name).is_empty());
}

#[test]
fn an_instance_joins_with_the_password_of_a_secret_that_is_rotated() {
    let before = ItsPassword(password());
    let secret = Secret::of(join_user(), Shape::SeamlessJoin, &before.0);
    let rotation = secret.turn_on();
    assert!(rotation.succeeded(), "{rotation:?}");
    let rotated = secret.current().password;
    assert_ne!(rotated, before.0);
    let _row = row(&secret.arn);

    let instance = Launched::joined(&[]);

    is_member(&instance);
    has_no_copy(&instance, &rotated);
    let name = instance.name();
    instance.terminate();
    instance.until("left");
    assert!(named(&name).is_empty());
}

/// What the join account has again in the end.
struct ItsPassword(String);

impl Drop for ItsPassword {
    fn drop(&mut self) {
        join_user().reset(&self.0);
    }
}

#[test]
fn a_password_that_is_wrong_is_tried_once_and_people_are_told() {
    let mail = Journal::from_now("mail");
    let wrong = "/adsteward/join/wrong";
    let parameter =
        json!({"Name": wrong, "Value": "Not-the-password-7", "Type": "SecureString", "Overwrite": true});
    ask("ssm", "put_parameter", &parameter);
    let before = refused_log_ins();
    let _row = row(wrong);
    let instance = Launched::with(&[]);
    let item = instance.until("failed");
    assert_eq!(item["reason"], "bad-credentials", "{item}");
    instance.rest();
    let joins =
        commands(&instance.id).iter().filter(|command| command["Parameters"]["Action"][0] == "join").count();
    assert_eq!(joins, 1);
    assert_eq!(refused_log_ins() - before, 1);
    let told: Vec<_> = mail.read().into_iter().filter(|mail| subject(mail).contains(&instance.id)).collect();
    let [told] = &told[..] else { panic!("one mail, not {told:?}") };
    assert!(body(told).contains("bad-credentials") && !body(told).contains("Not-the-password"), "{told}");
    assert_eq!(named(&instance.name()), [""; 0]);
    assert!(join_user().logs_in(&password()), "the account is not locked");
}

/// How often the directory has refused the join account's password since it last took it.
fn refused_log_ins() -> u32 {
    let found = search(&domain(), &format!("(sAMAccountName={})", join_user().user), "badPwdCount");
    found.first().map_or(0, |count| count.parse().unwrap())
}

fn commands(instance: &str) -> Vec<Value> {
    let listed = ask("ssm", "list_commands", &json!({ "InstanceId": instance }));
    listed["Commands"].as_array().unwrap().clone()
}

/// The password stands nowhere but where it has to.
fn has_no_copy(instance: &Launched, password: &str) {
    let (first, second) = password.split_at(password.len() / 2);
    // In two parts, so that no command of this test shows it.
    let search = format!(
        "a='{first}'; grep -rlaF -e \"$a\"'{second}' /run /etc /var /tmp /root /dev/shm || test $? = 1"
    );
    assert_eq!(instance.sh(&search), "", "on the host's disk or in its memory file systems");
    let outputs: String = commands(&instance.id)
        .iter()
        .map(|command| {
            let asked = json!({"CommandId": command["CommandId"], "InstanceId": instance.id});
            format!("{command} {}", ask("ssm", "get_command_invocation", &asked))
        })
        .collect();
    let table = aws(&["dynamodb", "scan", "--table-name", output("ComputerTableName"), "--consistent-read"]);
    for (place, text) in [
        ("calls", lab(&["calls"])),
        ("commands", outputs),
        ("logs of the functions", function_logs()),
        ("logs of the lab", lab_logs()),
        ("mails", lab(&["mail"])),
        ("the table", table.to_string()),
    ] {
        assert!(!text.contains(password), "the join account's password stands in {place}");
    }
}
