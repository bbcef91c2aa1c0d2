//! A world in memory: accounts, instances, items, computers and a queue, each of which can fail.
#![allow(clippy::unwrap_used, reason = "for tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use steward_core::accounts::{Account, AccountError, Mode, RowProblem};
use steward_core::error::Kind;
use steward_core::ids::AccountId;
use steward_core::member::{Listed, State as Truth};
use steward_core::metrics::Metrics;
use steward_core::notice::{Notice, NoticeError, Notices};
use steward_core::place::{Place, Region};
use steward_core::store::memory::Memory;
use steward_core::wish::Wish;

use crate::decide::Limits;
use crate::directories::Objects;
use crate::error::Error;
use crate::find::Object;
use crate::instances::Instances;
use crate::items::{Item, Items, State};
use crate::list::Rows;
use crate::places::Named;
use crate::queue::Queue;
use crate::request::{Outcome, PlaceResult, Request, Step};
use crate::sweeper::{Settings, Sweeper};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-central-1";
pub(crate) const EXECUTION: &str =
    "arn:aws:states:eu-central-1:111122223333:execution:adsteward-sweep-computers:e1";
/// Long enough after everything.
pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const GRACE: u64 = 3600;

pub(crate) fn id(number: u64) -> String {
    format!("i-{number:017x}")
}

pub(crate) fn named(account: &str, region: &str) -> Named {
    Named { account: account.to_owned(), region: region.to_owned() }
}

pub(crate) fn listed(number: u64, state: Truth) -> Listed {
    Listed { id: id(number).parse().unwrap(), state, launched: 1_000, opted_out: false }
}

pub(crate) fn sid(number: u64) -> String {
    format!("S-1-5-21-1-2-3-{}", 10_000 + number)
}

/// A member since long ago.
pub(crate) fn item(number: u64, state: State) -> Item {
    Item {
        instance: id(number).parse().unwrap(),
        state,
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        marker: marker(number),
        sid: sid(number).parse().ok(),
        unsettled: false,
        look_at: 0,
        at: 1_000,
        reason: None,
    }
}

pub(crate) fn marker(number: u64) -> String {
    format!("adsteward {} {ACCOUNT} {REGION} 0f0f", id(number))
}

pub(crate) fn object(number: u64) -> Object {
    Object { sid: sid(number).parse().unwrap(), description: Some(marker(number)) }
}

pub(crate) fn row(account: &str, regions: &[&str]) -> Account {
    Account {
        id: account.parse().unwrap(),
        domain: "corp.example.com".to_owned(),
        controllers: vec!["10.0.0.10".parse().unwrap()],
        directory: "d-9067012345".parse().unwrap(),
        ou: "OU=Computers,OU=CORP,DC=corp,DC=example,DC=com".to_owned(),
        role: None,
        mode: Mode::OneTime,
        regions: regions.iter().map(|region| region.parse().unwrap()).collect(),
        groups: Vec::new(),
        reboot: false,
    }
}

/// What there is.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) rows: Vec<Result<Account, RowProblem>>,
    pub(crate) listed: BTreeMap<Named, Vec<Listed>>,
    pub(crate) items: Vec<Item>,
    pub(crate) objects: Vec<Object>,
    /// What fails: `instances ACCOUNT`, `items`, `objects`, `queue`.
    pub(crate) broken: BTreeSet<String>,
    pub(crate) sent: Mutex<Vec<(Wish, Place)>>,
    pub(crate) mails: Mutex<Vec<Notice>>,
}

impl World {
    /// An account whose instances these are.
    pub(crate) fn of(listed: Vec<Listed>, items: Vec<Item>, objects: Vec<Object>) -> Self {
        let rows = vec![Ok(row(ACCOUNT, &[REGION]))];
        Self { rows, listed: [(named(ACCOUNT, REGION), listed)].into(), items, objects, ..Self::default() }
    }

    fn check(&self, what: &str) -> Result<(), Error> {
        let reason = "AccessDenied: by the test".to_owned();
        match self.broken.contains(what) {
            true => Err(Error::Call { operation: "Test", reason, kind: Kind::Permanent }),
            false => Ok(()),
        }
    }

    pub(crate) fn gone(&self) -> BTreeSet<String> {
        let sent = self.sent.lock().unwrap();
        sent.iter()
            .filter(|(wish, _)| *wish == Wish::Gone)
            .map(|(_, place)| place.instance.to_string())
            .collect()
    }

    pub(crate) fn looked_at(&self) -> BTreeSet<String> {
        let sent = self.sent.lock().unwrap();
        sent.iter()
            .filter(|(wish, _)| *wish == Wish::Look)
            .map(|(_, place)| place.instance.to_string())
            .collect()
    }
}

impl Rows for &World {
    async fn row(&self, id: &AccountId) -> Result<Option<Account>, AccountError> {
        let row = self.rows.iter().flatten().find(|row| row.id == *id);
        Ok(row.cloned())
    }

    async fn rows(&self) -> Result<Vec<Result<Account, RowProblem>>, AccountError> {
        Ok(self.rows.clone())
    }
}

impl Instances for &World {
    async fn all(&self, account: &Account, region: &Region) -> Result<Vec<Listed>, Error> {
        self.check(&format!("instances {}", account.id))?;
        Ok(self.listed.get(&named(account.id.as_str(), region.as_str())).cloned().unwrap_or_default())
    }
}

impl Items for &World {
    async fn all(&self) -> Result<Vec<Item>, Error> {
        self.check("items")?;
        Ok(self.items.clone())
    }
}

impl Objects for &World {
    async fn all(&self, _: &Account) -> Result<Vec<Object>, Error> {
        self.check("objects")?;
        Ok(self.objects.clone())
    }
}

impl Queue for &World {
    async fn send(&self, wishes: &[(Wish, Place)]) -> Result<(), Error> {
        for wish in wishes {
            self.check("queue")?;
            self.sent.lock().unwrap().push(wish.clone());
        }
        Ok(())
    }
}

impl Notices for &World {
    async fn publish(&self, notice: &Notice) -> Result<(), NoticeError> {
        self.mails.lock().unwrap().push(notice.clone());
        Ok(())
    }
}

pub(crate) type Test<'a> = Sweeper<&'a World, &'a World, &'a World, &'a World, &'a World, Memory, &'a World>;

pub(crate) fn sweeper(world: &World) -> Test<'_> {
    steward_core::clock::simulated::set(Some(NOW));
    Sweeper {
        rows: world,
        instances: world,
        items: world,
        objects: world,
        queue: world,
        store: Memory::default(),
        notices: world,
        metrics: Metrics::writing_to("test".to_owned(), Box::new(std::io::sink())),
        settings: Settings {
            limits: Limits { removals: 20, share: 10 },
            grace: GRACE,
            region: REGION.parse().unwrap(),
        },
    }
}

pub(crate) fn request(step: Step, input: &str) -> Request {
    let input = serde_json::from_str(input).unwrap();
    Request { step, execution: EXECUTION.to_owned(), input, place: None, results: Vec::new() }
}

/// The state machine, in short; what each place has come to, and what the report says.
pub(crate) async fn run(sweeper: &Test<'_>, input: &str) -> Result<(Vec<PlaceResult>, Outcome), Error> {
    let places = sweeper.handle(&request(Step::List, input)).await?.places.unwrap();
    let mut results = Vec::new();
    for place in places {
        let asked = Request { place: Some(place.clone()), ..request(Step::Sweep, input) };
        let (state, cause) = match sweeper.handle(&asked).await {
            Ok(_) => ("swept", String::new()),
            Err(error) => ("failed", error.to_string()),
        };
        let reason = "PermanentError".to_owned();
        results.push(PlaceResult { place, state: state.to_owned(), reason, cause });
    }
    let with_results = |step| Request { results: results.clone(), ..request(step, input) };
    if sweeper.handle(&with_results(Step::Decide)).await?.outcome == "send" {
        sweeper.handle(&with_results(Step::Send)).await?;
    }
    let told = sweeper.handle(&with_results(Step::Report)).await?;
    Ok((results, told))
}
