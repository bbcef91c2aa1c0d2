//! The decision table: what was found, decided, done and told.
//!
//! | partition key | sort key | holds |
//! | --- | --- | --- |
//! | `finding#ARN` | `finding` | who works on the finding, up to which update it is decided, whom it has contained, what people were asked |
//! | `finding#ARN` | `decision#UPDATED#EXECUTION` | one decision: evidence, reason, calls, before and after |
//! | `finding#ARN` | `sessions#UPDATED#EXECUTION` | what an instance reported before a user's sessions were ended there |
//! | `user#HOME#NAME` | `containment` | whether adsteward holds the user disabled, since which finding, and the containments of the day before |
//! | `user#HOME#NAME` | `release#EXECUTION` | one release: who, why, when |
//! | `budget#HOUR` | `budget` | the containments of this hour |
//! | `budget#HOUR` | `notices` | the notices of this hour that report no containment |
//! | `notice#CAUSE` | `notice` | whether people were told of a cause |
//! | `execution#ARN` | `caller` | who started an execution, from CloudTrail |
//! | `approval#ID` | `approval` | a question to a person, the token of the execution that waits, the answer |
//!
//! `HOME` is the directory's id, or the DNS name of a trusted domain ([`crate::home`]).
//!
//! Items expire ([`steward_core::store::retention`]), those of users who are held contained excepted.

mod approval;
mod budget;
mod containment;
mod decision;
mod finding;
mod held;
mod release;
mod session;

#[cfg(test)]
pub(crate) use steward_core::store::memory;
pub use steward_core::store::{
    Change, Claim, Key, Revision, Store, StoreError, Table, Written, is_told, look_at_notice, update,
};

pub use approval::{
    Answer, Approval, Verdict, answer, approval_id, approval_key, ask, is_approved, stop_asking,
};
pub use budget::{Budget, Spending, spend};
pub use containment::{Containment, Progress, Releasing, Status, containment_key, progress};
pub use decision::{AccountState, DecisionRecord, decision_key, put_decision, refused_event_key};
pub use finding::{
    Acted, FindingRecord, Opening, Question, abandon, finish, hold, key as finding_key, note_effect,
    note_question, open, refusal,
};
pub use held::decision_table;
pub use release::{Caller, ReleaseRecord, caller_key, release_key};
pub use session::{OtherMembers, SessionEvidence, SessionRecord, put_evidence};
