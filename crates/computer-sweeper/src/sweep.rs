//! One place: EC2, the computer table and the directory are asked, and compared when all three have answered.

use steward_core::clock;
use steward_core::notice::Notices;
use steward_core::store::Store;

use crate::directories::Objects;
use crate::error::Error;
use crate::find::{Known, find};
use crate::instances::Instances;
use crate::items::Items;
use crate::kept::Record;
use crate::list::Rows;
use crate::places::Spot;
use crate::queue::Queue;
use crate::request::{Outcome, Request};
use crate::sweeper::Sweeper;

impl<R, E, I, O, Q, S, N> Sweeper<R, E, I, O, Q, S, N>
where
    R: Rows + Sync,
    E: Instances + Sync,
    I: Items + Sync,
    O: Objects + Sync,
    Q: Queue + Sync,
    S: Store + Sync,
    N: Notices + Sync,
{
    pub(crate) async fn sweep(&self, request: &Request) -> Result<Outcome, Error> {
        let named = request.place.as_ref();
        let named = named.ok_or_else(|| Error::Input("the step needs a place".to_owned()))?;
        let (id, region) = named.parse()?;
        let account = self.rows.row(&id).await?.ok_or_else(|| Error::NoRow(id.to_string()))?;
        // In this order: an instance that joins meanwhile has its item before it has its computer, and so it cannot be taken
        // for one without.
        let listed = self.instances.all(&account, &region).await?;
        let objects = self.objects.all(&account).await?;
        let items = self.items.all().await?;
        let spot = Spot::of(&account, region);
        let known = Known { spot: &spot, listed: &listed, items: &items, objects: &objects };
        let found = find(known, clock::now(), self.settings.grace);
        let found = self.kept(request).write(Record::Found(named), found).await?;
        tracing::info!(
            account.id = named.account,
            region = named.region,
            instances = listed.len(),
            computers = objects.len(),
            looks = found.looks.len(),
            removals = found.removals.len(),
            "place swept"
        );
        Ok(Outcome::new("swept", found.looks.len() + found.removals.len()))
    }
}
