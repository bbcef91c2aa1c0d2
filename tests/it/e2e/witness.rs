//! The independent witness: calls made by others are told too.

use crate::directory::create_user;
use crate::lab::{Journal, aws, variable};
use crate::stack::eventually;

#[test]
fn a_user_disabled_by_somebody_else_is_told_once() {
    create_user("wim");
    let mail = Journal::from_now("mail");
    let directory = variable("DIRECTORY_ID");
    aws(&["ds-data", "disable-user", "--directory-id", directory, "--sam-account-name", "wim"]);
    let told = eventually("the witness's mail", || mail.read().into_iter().next());
    assert!(told["body"].as_str().unwrap().contains("wim"), "{told}");
    assert_eq!(mail.read().len(), 1);
}
