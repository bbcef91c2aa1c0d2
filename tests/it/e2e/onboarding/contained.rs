//! A contained user is suspended and no more: he is innocent until a person has said otherwise.

use super::newcomer::Newcomer;
use super::offboarder;
use crate::directory::is_enabled;
use crate::finding::finding;
use crate::lab::Journal;
use crate::mail::{body, of_onboarding, subject};
use crate::session::Session;
use crate::stack::{deliver, eventually, release};

#[test]
fn a_contained_user_is_only_suspended_and_a_release_puts_him_back() {
    let user = Newcomer::created("karla");
    user.join("Engineering");
    user.enable();
    user.becomes("onboarded");
    let ((workspace, _), agent, groups) = (user.workspace(), user.agent(), user.groups());
    let session = Session::of("karla");
    let mail = Journal::from_now("mail");
    let _short = offboarder(&[("KEEP_DAYS", Some("0.00001"))]);

    assert_eq!(deliver(&finding(&session, "karla")).decision(), ("contain", "identity-proved"));
    user.becomes("suspended");

    assert!(!is_enabled("karla"));
    user.has_workspace(&workspace, "STOPPED");
    assert_eq!((user.agent(), user.groups()), (agent.clone(), groups.clone()), "nothing is deleted");
    let told = of_onboarding(&mail, "karla");
    let [told] = &told[..] else { panic!("{told:#?}") };
    assert_eq!(
        subject(told),
        "[adsteward] karla is contained by adsteward: accounts suspended, not in Amazon Connect"
    );
    assert!(body(told).contains("kept until somebody releases the user"), "{told:#}");

    assert_eq!(release("karla"), "SUCCEEDED");
    user.becomes("onboarded");

    user.has_workspace(&workspace, "AVAILABLE");
    assert_eq!((user.agent(), user.groups()), (agent, groups));
    let back = || of_onboarding(&mail, "karla").iter().any(|mail| subject(mail).contains("karla is back: "));
    eventually("the mail that he is back", || back().then_some(()));
}
