//! The user table: whom adsteward has given what, and taken what away.
//!
//! | partition key | sort key | holds |
//! | --- | --- | --- |
//! | `user#DIRECTORY#SID` | `user` | a person: state, who works on him, his accounts, his memberships |
//! | `name#DIRECTORY#NAME` | `user` | the SID that had this name last: a deleted user's event may not tell it |
//! | `account#SERVICE#ID` | `owner` | whose an account is: names are given to others, accounts are not |
//! | `execution#ARN` | `run` | what an execution has decided, and for whom |
//! | `notice#CAUSE` | `notice` | whether people were told of a cause |
//!
//! `ad-event-starter` keeps its pace here too (`pace#DIRECTORY`). An item expires when nothing of the user is left to look
//! after; who is on board, or could be put back, is never forgotten.

mod account;
mod containment;
mod owner;
mod run;
mod user;

use aws_sdk_dynamodb::Client;
use steward_core::store::Table;

pub use account::{Account, AccountState};
pub use containment::is_contained;
pub use owner::{note_owner, owner_of};
pub use run::{Run, amend_run, is_believed, read_run, run_key, write_run};
pub use user::{
    Flow, Memberships, State, UserItem, change, held, is_held, name_key, note_name, sid_of, user_key,
};

/// The user table of this name, in which items are kept for so many days after they are done with.
pub fn user_table(client: Client, name: String, retention_days: u64) -> Table {
    Table::new(client, name, retention_days).holding(is_held)
}
