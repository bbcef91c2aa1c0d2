//! All places together: what is done is decided, and domain-joiner is asked.

use steward_core::ids::InstanceId;
use steward_core::notice::Notices;
use steward_core::place::Place;
use steward_core::store::Store;
use steward_core::wish::Wish;

use crate::decide::{Decision, Totals, decide};
use crate::directories::Objects;
use crate::error::Error;
use crate::find::{Finding, Found};
use crate::instances::Instances;
use crate::items::Items;
use crate::kept::{Places, Record};
use crate::list::Rows;
use crate::metric::Metric;
use crate::places::Named;
use crate::queue::Queue;
use crate::request::{Input, Outcome, Request};
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
    pub(crate) async fn decide(&self, request: &Request) -> Result<Outcome, Error> {
        let input = Input::read(&request.input)?;
        let mut totals = Totals::default();
        for (_, found) in self.found(request).await? {
            add(&mut totals, &found);
        }
        let decision = decide(totals, self.settings.limits, input);
        let decision = self.kept(request).write(Record::Decision, decision).await?;
        let word = if decision.sends() { "send" } else { "nothing" };
        Ok(Outcome { count: decision.removals, ..Outcome::new(word, 0) })
    }

    /// What was found at the places that could be swept.
    pub(crate) async fn found(&self, request: &Request) -> Result<Vec<(Named, Found)>, Error> {
        let kept = self.kept(request);
        let places: Places = kept.read(Record::Places).await?;
        let mut found = Vec::new();
        for place in places.places {
            let is_swept =
                request.results.iter().any(|result| result.place == place && result.state == "swept");
            if is_swept {
                let at = kept.read(Record::Found(&place)).await?;
                found.push((place, at));
            }
        }
        Ok(found)
    }

    pub(crate) async fn send(&self, request: &Request) -> Result<Outcome, Error> {
        let decision: Decision = self.kept(request).read(Record::Decision).await?;
        if !decision.sends() {
            return Ok(Outcome::new("nothing", 0));
        }
        let found = self.found(request).await?;
        let (mut looks, mut removals) = (Vec::new(), Vec::new());
        for (place, found) in &found {
            for finding in &found.looks {
                looks.push((Wish::Look, at(place, finding)?));
            }
            if !found.listed_none || decision.trusts_empty {
                for finding in &found.removals {
                    removals.push((Wish::Gone, at(place, finding)?));
                }
            }
        }
        if decision.removals == 0 {
            removals.clear();
        }
        let (looked, removed) = (looks.len(), removals.len());
        if u64::try_from(removed).is_ok_and(|removed| removed <= decision.removals) {
            self.queue.send(&removals).await?;
        } else {
            return Err(Error::MoreThanDecided(decision.removals));
        }
        self.queue.send(&looks).await?;
        self.metrics.count_many(Metric::SweepRemovals, u64::try_from(removed).unwrap_or(u64::MAX));
        self.metrics.count_many(Metric::SweepLooks, u64::try_from(looked).unwrap_or(u64::MAX));
        Ok(Outcome::new("sent", looked + removed))
    }
}

fn add(totals: &mut Totals, found: &Found) {
    let count = |list: &[Finding]| u64::try_from(list.len()).unwrap_or(u64::MAX);
    totals.known += found.known;
    totals.looks += count(&found.looks);
    match found.listed_none {
        true => totals.unconfirmed += count(&found.removals),
        false => totals.removals += count(&found.removals),
    }
}

fn at(place: &Named, finding: &Finding) -> Result<Place, Error> {
    let (account, region) = place.parse()?;
    let instance: Result<InstanceId, _> = finding.instance.parse();
    let instance = instance.map_err(|error| Error::Input(format!("a record holds {error}")))?;
    Ok(Place { account, region, instance })
}

#[cfg(test)]
mod tests;
