//! What the item of a user says once an execution has taken him.

use steward_core::clock;
use steward_core::directory::Person;

use super::{LEASE_SECONDS, Request};
use crate::people::{Facts, Groups};
use crate::records::{AccountState, Flow, Memberships, State, UserItem};
use crate::rules::Rule;

/// The user's item when this execution takes him.
pub(super) fn taken(
    request: &Request,
    item: Option<UserItem>,
    person: &Person,
    groups: &Groups,
    rule: &Rule,
) -> UserItem {
    let now = clock::now();
    let is_put_back = item.as_ref().is_some_and(|item| is_only_put_back(item, request));
    let mut item = item.unwrap_or_default();
    let is_leaving = is_leaving(&item);
    if is_leaving {
        item.epoch += 1;
    }
    if !item.is_held_by(&request.execution) {
        let memberships = &mut item.memberships;
        memberships.done.clear();
        let kept = std::mem::take(&mut memberships.kept);
        if is_leaving {
            // He has never left those.
            memberships.saved.retain(|group| !kept.contains_key(group));
        }
    }
    if !item.memberships.removed {
        item.memberships =
            Memberships { saved: groups.direct.clone(), at: Some(clock::iso(now)), ..Memberships::default() };
    }
    for service in &rule.services {
        let account = item.services.entry(service.clone()).or_default();
        if matches!(account.state, AccountState::Failed | AccountState::Refused | AccountState::Kept) {
            account.state = AccountState::Unknown;
            account.reason = None;
        }
    }
    item.name = person.user.name.to_string();
    item.upn.clone_from(&person.upn);
    item.facts = Some(Facts::from(person));
    item.sid = person.user.sid.to_string();
    item.state = State::Onboarding;
    item.onboarded |= !is_put_back;
    item.before = None;
    item.at = clock::iso(now);
    item.hold(&request.execution, Flow::Onboard, now + LEASE_SECONDS);
    item
}

/// Whether something of his was, or is being, taken away.
pub(super) fn is_leaving(item: &UserItem) -> bool {
    matches!(item.state, State::Leaving | State::Suspended | State::OffBoarded)
}

/// Whether he is enabled again whom adsteward only knows from his leaving.
pub(super) fn is_only_put_back(item: &UserItem, request: &Request) -> bool {
    !item.onboarded && request.input.is_enabling()
}

/// Of what the rule gives, the services in which something was taken from him, or may have been.
pub(super) fn taken_from(item: &UserItem, mut rule: Rule) -> Rule {
    let nothing = [AccountState::Unknown, AccountState::Absent, AccountState::Refused];
    rule.services
        .retain(|name| item.services.get(name).is_some_and(|account| !nothing.contains(&account.state)));
    rule
}
