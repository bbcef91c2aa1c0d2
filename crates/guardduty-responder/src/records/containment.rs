//! One user: whether adsteward holds him disabled, and since which finding.

use serde::{Deserialize, Serialize};
use steward_core::ids::UserName;

use super::finding::{FindingRecord, key as finding_key};
use super::{Key, Store, StoreError};
use crate::clock;
use crate::home::{Home, full_name};

/// The item of a user whom adsteward has contained at least once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Containment {
    /// The user's name as the directory spells it.
    pub user: String,
    /// The trusted domain that he belongs to; none for the own directory's users.
    #[serde(default)]
    pub domain: Option<String>,
    /// His SID; another one under the same name is another person.
    pub sid: String,
    /// Whether he is contained.
    pub status: Status,
    /// How often he was released: tells one containment from the next.
    pub epoch: u64,
    /// The finding that contained him last.
    pub finding_arn: String,
    /// What the notice of this containment is filed under.
    pub cause: String,
    /// The execution that contained him last.
    pub execution: String,
    /// When, in ISO 8601.
    pub since: String,
    /// The release that ends it, or has ended it.
    pub release: Option<Releasing>,
    /// The containments of the last day before this one: an execution may have died before it told of its own, and the
    /// next one not have heard of it.
    #[serde(default)]
    pub earlier: Vec<Self>,
}

/// Whether a user is contained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Disabled, or about to be, by adsteward.
    Contained,
    /// A release has begun; the user may be disabled still, or enabled.
    Releasing,
    /// Enabled again.
    Released,
}

/// A release that has begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Releasing {
    /// The execution of `release-user`.
    pub execution: String,
    /// When it began, in seconds since 1970.
    pub since: u64,
}

/// The state machine's time-out: a release that began earlier has died.
const RELEASE_SECONDS: u64 = 30 * 60;

/// How long a containment is remembered beside the next one. CloudTrail's record of it has come by then, or is a dead letter
/// of the witness's of which an alarm tells.
const EARLIER_SECONDS: u64 = 24 * 3600;

impl Containment {
    /// Who it is, for people.
    pub fn who(&self) -> String {
        full_name(&self.user, self.domain.as_deref())
    }

    /// This containment in the place of another one, which it remembers.
    pub fn after(mut self, previous: Option<Self>, now: u64) -> Self {
        let Some(mut previous) = previous else { return self };
        self.earlier = std::mem::take(&mut previous.earlier);
        self.earlier.push(previous);
        let oldest = clock::iso(now.saturating_sub(EARLIER_SECONDS));
        self.earlier.retain(|earlier| earlier.cause != self.cause && earlier.since > oldest);
        self
    }

    /// Begins a release, or goes on with it: from here on no delivery of the old finding disables the user again. One
    /// release at a time: two would leave the password of one in the secret and that of the other in the directory.
    ///
    /// # Errors
    /// Why this release must not go on.
    pub fn begin_release(&mut self, execution: &str, cause: &str, now: u64) -> Result<(), String> {
        if self.cause != cause {
            return Err(format!(
                "{} was contained again since, by {}: ask again",
                self.who(),
                self.finding_arn
            ));
        }
        match (self.status, &self.release) {
            (Status::Contained, _) => self.epoch += 1,
            (Status::Releasing, Some(release)) if release.execution == execution => return Ok(()),
            (Status::Releasing, Some(release)) if release.since + RELEASE_SECONDS > now => {
                return Err(format!("another release of {} is under way: {}", self.who(), release.execution));
            }
            (Status::Releasing, _) => {}
            (Status::Released, _) => return Err(format!("{} was released already", self.who())),
        }
        self.status = Status::Releasing;
        self.release = Some(Releasing { execution: execution.to_owned(), since: now });
        Ok(())
    }

    /// Lets go of a release that could not be finished: the next one need not wait for its time to pass.
    pub fn abandon_release(&mut self, execution: &str) {
        if self.status == Status::Releasing
            && let Some(release) = self.release.as_mut().filter(|release| release.execution == execution)
        {
            release.since = 0;
        }
    }

    /// Ends a release after the directory has confirmed it.
    ///
    /// # Errors
    /// When the user was contained again in between, so that nobody knows which came last.
    pub fn finish_release(&mut self, execution: &str) -> Result<(), String> {
        let ours = self.release.as_ref().is_some_and(|release| release.execution == execution);
        if !ours || self.status == Status::Contained {
            return Err(format!(
                "{} was contained again, by {}, while he was being released: look whether he is enabled",
                self.who(),
                self.finding_arn
            ));
        }
        self.status = Status::Released;
        Ok(())
    }
}

/// The key of a user's item.
pub fn containment_key(home: &Home, user: &UserName) -> Key {
    Key { pk: format!("user#{home}#{}", user.lower()), sk: "containment".to_owned() }
}

/// How far a finding has come with containing a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It has not begun.
    Open,
    /// It has begun: the directory may have disabled the user or not.
    Begun,
    /// The directory has confirmed it; the notice is filed under this cause.
    Confirmed(String),
    /// It had begun when the user was released: it ends there.
    Released,
}

/// Looks how far a finding has come with containing a user.
///
/// # Errors
/// When the table fails.
pub async fn progress<S: Store>(
    store: &S,
    home: &Home,
    finding_arn: &str,
    user: &UserName,
    sid: &str,
) -> Result<Progress, StoreError> {
    let (item, _) = store.read::<FindingRecord>(&finding_key(finding_arn)).await?;
    let Some(acted) = item.and_then(|item| item.acted.into_iter().find(|acted| acted.sid == sid)) else {
        return Ok(Progress::Open);
    };
    if acted.confirmed {
        return Ok(Progress::Confirmed(acted.cause));
    }
    let (containment, _) = store.read::<Containment>(&containment_key(home, user)).await?;
    let released = containment.is_some_and(|held| held.sid == sid && held.status != Status::Contained);
    Ok(if released { Progress::Released } else { Progress::Begun })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 24 * 3600;

    fn containment(cause: &str, since: u64) -> Containment {
        Containment {
            user: "alice".to_owned(),
            domain: None,
            sid: "S-1-5-21-1-2-3-1104".to_owned(),
            status: Status::Contained,
            epoch: 0,
            finding_arn: cause.to_owned(),
            cause: cause.to_owned(),
            execution: "arn:x:1".to_owned(),
            since: clock::iso(since),
            release: None,
            earlier: Vec::new(),
        }
    }

    fn earlier(item: &Containment) -> Vec<&str> {
        item.earlier.iter().map(|earlier| earlier.cause.as_str()).collect()
    }

    #[test]
    fn a_containment_remembers_those_of_the_day_before_it_once_each() {
        let first = containment("f1", 10 * DAY);
        let second = containment("f2", 10 * DAY + 1).after(Some(first), 10 * DAY + 1);
        assert_eq!(earlier(&second), ["f1"]);
        let again = containment("f1", 10 * DAY + 2).after(Some(second), 10 * DAY + 2);
        assert_eq!(earlier(&again), ["f2"]);
        let third = containment("f3", 11 * DAY + 1).after(Some(again), 11 * DAY + 1);
        assert_eq!(earlier(&third), ["f1"], "a day has passed since the other one");
        assert!(third.earlier.iter().all(|known| known.earlier.is_empty()));
    }
}
