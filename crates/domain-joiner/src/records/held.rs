//! An instance's item in the hands of a process that works on it.

use steward_core::clock;
use steward_core::store::{Key, Revision, Store, StoreError, Written};

use super::{Computer, key};
use crate::error::Error;
use crate::place::Place;
use crate::random;

/// For how long others leave an instance alone that a process is at: the function's time-out, and some more.
const LEASE_SECONDS: u64 = 150;

/// An instance's item, and which state of it was read or written last.
#[derive(Debug)]
pub(crate) struct Held {
    /// The item.
    pub(crate) item: Computer,
    key: Key,
    seen: Revision,
    worker: String,
}

/// Reads an instance's item.
///
/// # Errors
/// When the table cannot be read; [`Error::OtherPlace`] when the instance is not where `place` says. What EC2 says there,
/// that it knows no such instance, would otherwise be taken for its end.
pub(crate) async fn read<S: Store>(store: &S, place: &Place) -> Result<Option<Held>, Error> {
    let key = key(&place.instance);
    let (item, seen) = store.read::<Computer>(&key).await?;
    if let Some(item) = item.as_ref().filter(|item| !item.is_at(place)) {
        return Err(Error::OtherPlace(format!("account {}, Region {}", item.account, item.region)));
    }
    let worker = random::nonce()?;
    Ok(item.map(|item| Held { item, key, seen, worker }))
}

impl Held {
    /// An instance that has no item yet.
    pub(crate) fn new(place: &Place, item: Computer) -> Result<Self, Error> {
        let worker = random::nonce()?;
        Ok(Self { item, key: key(&place.instance), seen: Revision::Absent, worker })
    }

    /// Has others leave the instance alone for a while; from the next write on.
    pub(crate) fn take(&mut self) {
        self.item.busy_until = clock::now() + LEASE_SECONDS;
    }

    /// Lets others at it; from the next write on.
    pub(crate) fn let_go(&mut self) {
        self.item.busy_until = 0;
    }

    /// Writes the item, unless somebody else has written it since: false then, and whoever holds it stops.
    pub(crate) async fn write<S: Store>(&mut self, store: &S) -> Result<bool, StoreError> {
        self.item.at = clock::now();
        self.item.worker.clone_from(&self.worker);
        if store.write(&self.key, &self.item, self.seen).await? == Written::Yes {
            self.seen = match self.seen {
                Revision::Absent => Revision::Number(1),
                Revision::Number(number) => Revision::Number(number + 1),
            };
            return Ok(true);
        }
        // The client repeats a write whose answer was lost, and then loses against itself.
        let (there, seen) = store.read::<Computer>(&self.key).await?;
        let own = there.as_ref() == Some(&self.item);
        if own {
            self.seen = seen;
        }
        Ok(own)
    }

    /// Whether nobody else has written the item since.
    pub(crate) async fn is_current<S: Store>(&self, store: &S) -> Result<bool, StoreError> {
        Ok(store.read::<Computer>(&self.key).await?.1 == self.seen)
    }
}

#[cfg(test)]
mod tests {
    use steward_core::store::memory::Memory;

    use super::*;

    fn place() -> Place {
        Place {
            account: "111122223333".parse().unwrap(),
            region: "eu-central-1".parse().unwrap(),
            instance: "i-0123456789abcdef0".parse().unwrap(),
        }
    }

    #[tokio::test]
    async fn of_two_processes_one_writes_and_the_other_stops() {
        let table = Memory::default();
        let item = Computer::new(&place(), "ec2-abc".to_owned().try_into().unwrap(), "0".repeat(32));
        let mut first = Held::new(&place(), item.clone()).unwrap();
        let mut second = Held::new(&place(), item).unwrap();
        assert!(first.write(&table).await.unwrap());
        assert!(!second.write(&table).await.unwrap());
        assert!(first.is_current(&table).await.unwrap());
        let mut third = read(&table, &place()).await.unwrap().unwrap();
        assert!(third.write(&table).await.unwrap());
        assert!(!first.is_current(&table).await.unwrap());
        for _ in 0..2 {
            assert!(!first.write(&table).await.unwrap(), "nor when it tries again");
        }
    }

    #[tokio::test]
    async fn a_write_that_was_repeated_by_the_client_is_not_lost() {
        let table = Memory::default();
        let item = Computer::new(&place(), "ec2-abc".to_owned().try_into().unwrap(), "0".repeat(32));
        let mut held = Held::new(&place(), item).unwrap();
        assert!(held.write(&table).await.unwrap());
        // As if the first answer had been lost.
        held.seen = Revision::Absent;
        assert!(held.write(&table).await.unwrap());
        assert!(held.write(&table).await.unwrap());
    }
}
