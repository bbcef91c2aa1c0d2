//! A third service from end to end: what has to be written, and that nothing else has.
//!
//! "Badges" opens doors; its API knows `open`, `close` and `list`. The file of a service holds its settings and its
//! [`Service`]; its row stands in [`super::table`], its parameters in [`crate::config`]. The flow, the records, the notices and
//! the state machines know services by their names only, so that nothing changes there.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::{
    Answer, Creation, Found, Leaving, Order, Removal, Service, ServiceError, Services, Standing, Suspension,
};
use crate::people::Facts;
use crate::records::State;
use crate::testing::{World, block_on, hire, onboarding_config};

/// The API: badges by their numbers, whether they open doors.
#[derive(Debug, Default)]
struct Badges(Mutex<BTreeMap<String, bool>>);

impl Badges {
    fn set(&self, id: &str, opens: bool) -> Standing {
        let mut badges = self.0.lock().unwrap();
        match badges.get_mut(id) {
            Some(badge) => {
                *badge = opens;
                if opens { Standing::Ready } else { Standing::Stopped }
            }
            None => Standing::Gone,
        }
    }
}

/// An answer that is there at once.
fn at_once<'a, T: Send + 'a>(answer: Result<T, ServiceError>) -> Answer<'a, T> {
    Box::pin(std::future::ready(answer))
}

impl Service for Badges {
    fn name(&self) -> &'static str {
        "badges"
    }

    fn title(&self) -> &'static str {
        "Badges"
    }

    fn create<'a>(&'a self, order: &'a Order) -> Answer<'a, Creation> {
        // The number follows from the person, so that a repeated order is no second badge.
        let id = format!("badge-{}", order.user.sid);
        let first = self.0.lock().unwrap().insert(id.clone(), true).is_none();
        at_once(Ok(if first { Creation::Made { id, standing: Standing::Ready } } else { Creation::Exists }))
    }

    fn find<'a>(&'a self, user: &'a Facts) -> Answer<'a, Option<Found>> {
        let id = format!("badge-{}", user.sid);
        let opens = self.0.lock().unwrap().get(&id).copied();
        at_once(Ok(opens.map(|opens| Found {
            id,
            standing: if opens { Standing::Ready } else { Standing::Stopped },
            other: None,
        })))
    }

    fn status<'a>(&'a self, id: &'a str) -> Answer<'a, Standing> {
        let there = self.0.lock().unwrap().contains_key(id);
        at_once(Ok(if there { Standing::Ready } else { Standing::Gone }))
    }

    fn start<'a>(&'a self, id: &'a str) -> Answer<'a, Standing> {
        at_once(Ok(self.set(id, true)))
    }

    fn suspend<'a>(&'a self, id: &'a str, _: Leaving) -> Answer<'a, Suspension> {
        self.set(id, false);
        at_once(Ok(Suspension::Suspended))
    }

    fn remove<'a>(&'a self, id: &'a str) -> Answer<'a, Removal> {
        self.0.lock().unwrap().remove(id);
        at_once(Ok(Removal::Removed))
    }
}

#[test]
fn a_third_service_is_one_file_and_one_row() {
    let world = World::new();
    let mut provisioner = world.provisioner_with(onboarding_config(&[]));
    provisioner.services = Services(vec![Badges::default().boxed()]);
    provisioner.config.rules = crate::rules::Rules::read("", &provisioner.services.names()).unwrap();
    let step = async |step: &str| {
        let request = serde_json::json!({
            "step": step, "execution": "e-1", "started_at": "2026-11-21T00:00:00Z", "service": "badges",
            "input": hire("alice", 1104),
        });
        provisioner.handle(serde_json::from_value(request).unwrap()).await.unwrap()
    };
    block_on(async {
        assert_eq!(step("look-up").await.services.unwrap(), ["badges"]);
        assert_eq!(step("create").await.state.as_deref(), Some("ready"));
        assert_eq!(step("report").await.outcome, "onboarded");
    });
    assert_eq!(world.item(1104).unwrap().state, State::Onboarded);
    let mail = world.state().mails[0].clone();
    assert_eq!(mail.subject, "[adsteward] alice onboarded: Badges");
    assert!(mail.body.contains("badge-S-1-5-21-1-2-3-1104"), "{}", mail.body);
}
