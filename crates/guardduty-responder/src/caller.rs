//! Who started an execution: CloudTrail's record of the call, not the execution's input, which is only a claim.

use steward_core::ids::UserName;

use crate::clock;
use crate::error::Error;
use crate::records::{Caller, Store, caller_key};

/// What is known of the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Learned {
    /// CloudTrail's record may still come.
    NotYet,
    /// It has come.
    Known(Caller),
    /// It has not come in time.
    Never,
}

/// Looks whether CloudTrail has told who started an execution.
///
/// # Errors
/// When the table fails.
pub async fn learn<S: Store>(
    store: &S,
    execution: &str,
    started_at: &str,
    patience: u64,
) -> Result<Learned, Error> {
    let (caller, _) = store.read::<Caller>(&caller_key(execution)).await?;
    let waited = clock::now().saturating_sub(clock::seconds(started_at).unwrap_or(0));
    Ok(match caller {
        Some(caller) => Learned::Known(caller),
        None if waited < patience => Learned::NotYet,
        None => Learned::Never,
    })
}

impl Learned {
    /// The caller, once he is known and may speak about this user; `None` while CloudTrail may still tell.
    ///
    /// # Errors
    /// Why he may not: nobody decides about himself, and nobody who cannot be named decides at all.
    pub fn judge(self, user: Option<&UserName>) -> Result<Option<Caller>, String> {
        let caller = match self {
            Self::NotYet => return Ok(None),
            Self::Never => {
                return Err(
                    "CloudTrail has not told in time who asked: try again, and see that the trail logs"
                        .to_owned(),
                );
            }
            Self::Known(caller) => caller,
        };
        if caller.is_instance() {
            return Err(format!(
                "{} is an instance, behind which anybody may be: ask as a person",
                caller.arn
            ));
        }
        if let Some(user) = user.filter(|user| caller.is_called(user)) {
            return Err(format!("{} may not decide about {user}: ask somebody else", caller.arn));
        }
        Ok(Some(caller))
    }
}

impl Caller {
    /// Whether one of the caller's names is this user's: as it is, as a user principal name or with a NetBIOS domain.
    fn is_called(&self, user: &UserName) -> bool {
        let session = self.arn.rsplit('/').next().unwrap_or_default();
        let names = self.names.iter().map(String::as_str).chain([session]);
        names.map(account_name).any(|name| user.same_as(name))
    }

    /// A session of an instance's role is named by the instance's id.
    fn is_instance(&self) -> bool {
        let session = self.arn.rsplit('/').next().unwrap_or_default();
        session
            .strip_prefix("i-")
            .is_some_and(|id| matches!(id.len(), 8 | 17) && id.chars().all(|digit| digit.is_ascii_hexdigit()))
    }
}

fn account_name(name: &str) -> &str {
    let name = name.rsplit('\\').next().unwrap_or(name);
    name.split('@').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(arn: &str, names: &[&str]) -> Learned {
        Learned::Known(Caller {
            arn: arn.to_owned(),
            time: String::new(),
            source_ip: String::new(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        })
    }

    #[test]
    fn nobody_decides_about_himself_under_any_of_his_names() {
        let alice: UserName = "alice".parse().unwrap();
        let session =
            |name: &str| format!("arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Sec_1/{name}");
        for name in ["alice", "Alice", "alice@corp.example.test", "ALICE@example.com", "CORP\\alice"] {
            assert!(known(&session(name), &[]).judge(Some(&alice)).is_err(), "{name}");
            assert!(known(&session("admin"), &[name]).judge(Some(&alice)).is_err(), "{name} as another name");
        }
        assert!(known("arn:aws:iam::111122223333:user/staff/alice", &[]).judge(Some(&alice)).is_err());
        for name in ["eve", "malice", "alice2", "eve@alice.example"] {
            assert!(matches!(known(&session(name), &[]).judge(Some(&alice)), Ok(Some(_))), "{name}");
        }
    }

    #[test]
    fn nobody_unnamed_decides() {
        let alice: UserName = "alice".parse().unwrap();
        let instance = "arn:aws:sts::111122223333:assumed-role/Host/i-0123456789abcdef0";
        assert!(known(instance, &[]).judge(Some(&alice)).is_err());
        assert!(Learned::Never.judge(Some(&alice)).is_err());
        assert_eq!(Learned::NotYet.judge(Some(&alice)), Ok(None));
    }
}
