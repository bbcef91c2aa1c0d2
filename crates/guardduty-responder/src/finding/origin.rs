//! Where a finding comes from, and whose it is.
//!
//! Everything that names an account or a Region must name the same one, before anything else is read.

use steward_core::ids::AccountId;
use steward_core::place::Region;

use super::{Arn, Event, Scope};
use crate::reason::Refusal;

/// Other accounts and Regions whose findings count; which of them do is said by the account table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The GuardDuty administrator, which gets the findings of all of them too.
    pub administrator: Option<AccountId>,
}

/// Whose finding an event brings, and by which ARN it is known here.
pub(super) struct Origin {
    pub(super) account: AccountId,
    pub(super) region: Region,
    pub(super) arn: String,
}

impl Scope {
    /// The one account and Region of a finding, if its event comes from who may send it.
    pub(super) fn origin(&self, event: &Event, arn: &str) -> Result<Origin, Refusal> {
        let named = Arn::parse(arn).ok_or(Refusal::Malformed)?;
        let detail = event.detail.as_ref().ok_or(Refusal::Malformed)?;
        let account = detail.account_id.as_deref().filter(|account| *account == named.account);
        let account = account.and_then(|account| account.parse::<AccountId>().ok());
        let account = account.ok_or(Refusal::ForeignAccount)?;
        if self.elsewhere.is_none() && (account != self.account || event.account != account.as_str()) {
            return Err(Refusal::ForeignAccount);
        }
        let region = detail.region.as_deref().filter(|region| *region == named.region);
        let region = region.filter(|region| *region == event.region);
        let region = region.and_then(|region| region.parse::<Region>().ok());
        let region = region.ok_or(Refusal::ForeignRegion)?;
        let arn = match &self.elsewhere {
            _ if self.is_home(&account, &region) => {
                // This account's GuardDuty tells it itself: nobody else needs to.
                is_from(event, [Some(&self.account)])?;
                arn.to_owned()
            }
            None => return Err(Refusal::ForeignRegion),
            Some(elsewhere) => {
                let senders = [Some(&account), Some(&self.account), elsewhere.administrator.as_ref()];
                is_from(event, senders)?;
                named.without_detector().ok_or(Refusal::Malformed)?
            }
        };
        Ok(Origin { account, region, arn })
    }

    /// Whether this is the stack's own account and Region.
    pub fn is_home(&self, account: &AccountId, region: &Region) -> bool {
        *account == self.account && *region == self.region
    }
}

/// Whether an event's own account, which EventBridge keeps from bus to bus, is one of these.
fn is_from<const N: usize>(event: &Event, senders: [Option<&AccountId>; N]) -> Result<(), Refusal> {
    match senders.into_iter().flatten().any(|sender| sender.as_str() == event.account) {
        true => Ok(()),
        false => Err(Refusal::ForeignSource),
    }
}
