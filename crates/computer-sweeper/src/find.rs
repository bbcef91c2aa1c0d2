//! What differs at one place: EC2's listing, the computer table and the directory, side by side.
//!
//! **Architecture invariant:** an instance is gone when EC2 has answered and says so, or does not know it any more. Whoever
//! could not ask has no listing to hand in. An empty one is more often a wrong answer than an account that has ended: what
//! would follow from it is found, and left to a person.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use steward_core::ids::{InstanceId, Sid};
use steward_core::member::{Listed, State as Truth};

use crate::items::{Item, State};
use crate::places::Spot;

mod marker;

use marker::Marker;

/// Findings of each sort that one sweep takes from a place; the next night takes the rest.
pub const MOST: usize = 2000;

/// Reasons for which domain-joiner has given up and which may have passed: what it says of them is "see that it runs, or
/// is there".
pub const MAY_HAVE_PASSED: [&str; 11] = [
    "agent-absent",
    "command-lost",
    "directory-refuses",
    "locked",
    "no-answer",
    "no-connection",
    "no-domain",
    "no-key",
    "not-in-directory",
    "not-verified",
    "packages",
];

/// A computer object, as the directory lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its SID.
    pub sid: Sid,
    /// Its description: domain-joiner writes there for whom it is.
    pub description: Option<String>,
}

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    /// The instance runs, and nothing was ever done for it.
    Unjoined,
    /// The instance runs, and was given up for a reason that may have passed.
    Failed,
    /// The instance runs, and its joining has stopped half-way.
    Stuck,
    /// The instance is gone, and its record says that it has not left.
    Stale,
    /// The instance is gone, and its computer is in the directory without a record.
    Orphan,
}

impl Sort {
    /// Every sort.
    pub const ALL: [Self; 5] = [Self::Unjoined, Self::Failed, Self::Stuck, Self::Stale, Self::Orphan];

    /// Whether domain-joiner removes a computer for it.
    pub fn removes(self) -> bool {
        matches!(self, Self::Stale | Self::Orphan)
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// What differs.
    pub sort: Sort,
    /// The instance's id.
    pub instance: String,
}

/// What was found at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// What domain-joiner is to look at again.
    pub looks: Vec<Finding>,
    /// What domain-joiner is to remove.
    pub removals: Vec<Finding>,
    /// Whether EC2 has listed no instance at all, so that only a person may say that they are gone.
    pub listed_none: bool,
    /// Computers that are ours, by record or marker.
    pub known: u64,
    /// Computers with a marker of ours and without a record that fits, of which nobody can say that they may go.
    pub unplaced: u64,
    /// Computers in the OU that are nobody's here.
    pub strangers: u64,
    /// Differences beyond [`MOST`], which wait for the next sweep.
    pub more: u64,
}

/// All that is known of one place.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The place.
    pub spot: &'a Spot,
    /// What EC2 lists there.
    pub listed: &'a [Listed],
    /// Every item of the computer table, of other places too.
    pub items: &'a [Item],
    /// What the directory lists in the account's OU.
    pub objects: &'a [Object],
}

/// Compares. `grace` is how long, in seconds, what is under way may take.
pub fn find(known: Known<'_>, now: u64, grace: u64) -> Found {
    let listed: BTreeMap<&InstanceId, &Listed> = known.listed.iter().map(|one| (&one.id, one)).collect();
    let own = || known.items.iter().filter(|item| known.spot.holds(item));
    let mut found = Found { listed_none: known.listed.is_empty(), ..Found::default() };
    for item in own() {
        found.known += u64::from(item.may_have_object());
        let sort = match listed.get(&item.instance).map(|one| one.state) {
            None | Some(Truth::Terminated) => left_behind(item, now, grace),
            Some(Truth::Running) => unfinished(item, now, grace),
            Some(Truth::Between) => None,
        };
        found.add(sort, &item.instance);
    }
    if known.spot.joins {
        let recorded: BTreeSet<&InstanceId> = own().map(|item| &item.instance).collect();
        let unjoined = known.listed.iter().filter(|one| {
            one.state == Truth::Running
                && !one.opted_out
                && one.launched + grace < now
                && !recorded.contains(&one.id)
        });
        unjoined.for_each(|one| found.add(Some(Sort::Unjoined), &one.id));
    }
    compare_objects(&mut found, known, &listed);
    found.cut();
    found
}

/// The instance is gone.
fn left_behind(item: &Item, now: u64, grace: u64) -> Option<Sort> {
    let is_moving = item.at.max(item.look_at) + grace >= now;
    match item.state {
        State::Left => None,
        State::Failed if !item.may_have_object() => None,
        // It goes on by itself, and its end may just have been told.
        State::Requested | State::Sent | State::Leaving if is_moving => None,
        _ => Some(Sort::Stale),
    }
}

/// The instance runs.
fn unfinished(item: &Item, now: u64, grace: u64) -> Option<Sort> {
    if item.at.max(item.look_at) + grace >= now {
        return None;
    }
    match item.state {
        State::Requested | State::Sent => Some(Sort::Stuck),
        State::Failed => {
            let reason = item.reason.as_deref().unwrap_or_default();
            MAY_HAVE_PASSED.contains(&reason).then_some(Sort::Failed)
        }
        State::Joined | State::Leaving | State::Left => None,
    }
}

fn compare_objects(found: &mut Found, known: Known<'_>, listed: &BTreeMap<&InstanceId, &Listed>) {
    let sids: BTreeSet<&Sid> = known.items.iter().filter_map(|item| item.sid.as_ref()).collect();
    let markers: BTreeSet<&str> = known.items.iter().map(|item| item.marker.as_str()).collect();
    let recorded: BTreeSet<&InstanceId> = known.items.iter().map(|item| &item.instance).collect();
    for object in known.objects.iter().filter(|object| !sids.contains(&object.sid)) {
        let description = object.description.as_deref().unwrap_or_default();
        match Marker::read(description) {
            None => found.strangers += 1,
            Some(_) if markers.contains(description) => {}
            Some(Marker::Nowhere) => found.unplaced += 1,
            Some(Marker::Of { instance, account, region }) => {
                if account != known.spot.account || region != known.spot.region {
                    continue;
                }
                found.known += 1;
                let is_gone = listed.get(&instance).is_none_or(|one| one.state == Truth::Terminated);
                match (is_gone, recorded.contains(&instance)) {
                    (true, false) => found.add(Some(Sort::Orphan), &instance),
                    // By its record it is another one, or none is left.
                    (true, true) => found.unplaced += 1,
                    (false, _) => {}
                }
            }
        }
    }
}

impl Found {
    fn add(&mut self, sort: Option<Sort>, instance: &InstanceId) {
        let Some(sort) = sort else { return };
        let list = if sort.removes() { &mut self.removals } else { &mut self.looks };
        list.push(Finding { sort, instance: instance.to_string() });
    }

    /// The same instance is removed once, however many computers name it.
    fn cut(&mut self) {
        for list in [&mut self.looks, &mut self.removals] {
            list.sort();
            list.dedup_by(|one, other| one.instance == other.instance);
            self.more += u64::try_from(list.len().saturating_sub(MOST)).unwrap_or(u64::MAX);
            list.truncate(MOST);
        }
    }

    /// How many of a sort.
    pub fn count(&self, sort: Sort) -> usize {
        self.looks.iter().chain(&self.removals).filter(|finding| finding.sort == sort).count()
    }
}

#[cfg(test)]
mod tests;
