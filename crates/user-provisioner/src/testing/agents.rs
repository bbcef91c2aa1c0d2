//! Connect of the world.

use super::services::{Behaviour, failed, mood};
use super::{DOMAIN, World};
use crate::people::Facts;
use crate::services::{
    Answer, Creation, Found, Guess, Leaving, Order, Removal, Service, ServiceError, Standing, Suspension,
};

/// A user of Connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Agent {
    pub(crate) id: String,
    pub(crate) user_name: String,
    pub(crate) first_name: String,
    pub(crate) gone: bool,
}

#[derive(Debug)]
pub(super) struct Agents(pub(super) World);

impl World {
    /// Puts an agent there that nobody of this flow has made.
    pub(crate) fn put_agent(&self, user: &str, first_name: &str) -> String {
        self.put_agent_called(&format!("{user}@{DOMAIN}"), first_name)
    }

    /// The same under this name in Connect.
    pub(crate) fn put_agent_called(&self, user_name: &str, first_name: &str) -> String {
        let id = self.next_id("agent");
        let user_name = user_name.to_owned();
        let agent = Agent { id: id.clone(), user_name, first_name: first_name.to_owned(), gone: false };
        self.state().agents.push(agent);
        id
    }

    fn agent_called(&self, user_name: &str) -> Option<Agent> {
        let state = self.state();
        state.agents.iter().find(|agent| agent.user_name == user_name && !agent.gone).cloned()
    }
}

impl Service for Agents {
    fn name(&self) -> &'static str {
        "connect"
    }

    fn title(&self) -> &'static str {
        "Amazon Connect"
    }

    fn create<'a>(&'a self, order: &'a Order) -> Answer<'a, Creation> {
        Box::pin(async move {
            let user = order.user.clone();
            let made = self.0.call("CreateUser", move |world| {
                let behaviour = mood(world, "connect", "CreateUser")?;
                let name = user_name(&user).ok_or_else(|| ServiceError::Unfit("by the test".to_owned()))?;
                if world.agent_called(&name).is_some() {
                    return Ok(Some(Creation::Exists));
                }
                world.check_gift("CreateUser", &user.name);
                let id = world.put_agent_called(&name, user.given_name.as_deref().unwrap_or_default());
                let made = Creation::Made { id, standing: Standing::Ready };
                Ok((behaviour != Behaviour::LosesAnswer).then_some(made))
            });
            made.await.ok_or_else(|| failed("CreateUser"))??.ok_or_else(|| failed("CreateUser"))
        })
    }

    fn find<'a>(&'a self, user: &'a Facts) -> Answer<'a, Option<Found>> {
        Box::pin(async move {
            let user = user.clone();
            let Some(name) = user_name(&user) else { return Ok(None) };
            let found = self.0.call("SearchUsers", move |world| {
                let agent = world.agent_called(&name)?;
                let same = user.given_name.as_deref() == Some(agent.first_name.as_str());
                let other = (!same).then(|| format!("its name is {}", agent.first_name));
                Some(Found { id: agent.id, standing: Standing::Ready, other })
            });
            found.await.ok_or_else(|| failed("SearchUsers"))
        })
    }

    fn guess<'a>(&'a self, user: &'a Facts) -> Answer<'a, Option<Guess>> {
        Box::pin(async move {
            if user.upn.is_some() {
                return Ok(None);
            }
            let name = format!("{}@{DOMAIN}", user.name.to_lowercase());
            let probably = Facts { upn: Some(name.clone()), ..user.clone() };
            Ok(Some(Guess { id: self.find(&probably).await?.map(|found| found.id), name }))
        })
    }

    fn status<'a>(&'a self, id: &'a str) -> Answer<'a, Standing> {
        Box::pin(async move {
            let id = id.to_owned();
            let seen = self.0.call("DescribeUser", move |world| {
                let there = world.state().agents.iter().any(|agent| agent.id == id && !agent.gone);
                if there { Standing::Ready } else { Standing::Gone }
            });
            seen.await.ok_or_else(|| failed("DescribeUser"))
        })
    }

    fn start<'a>(&'a self, id: &'a str) -> Answer<'a, Standing> {
        self.status(id)
    }

    fn suspend<'a>(&'a self, id: &'a str, leaving: Leaving) -> Answer<'a, Suspension> {
        Box::pin(async move {
            if leaving == Leaving::Contained {
                return Ok(Suspension::Kept("nothing of a contained user is deleted".to_owned()));
            }
            self.remove(id).await.map(|_| Suspension::Removed)
        })
    }

    fn remove<'a>(&'a self, id: &'a str) -> Answer<'a, Removal> {
        Box::pin(async move {
            let id = id.to_owned();
            let removed = self.0.call("DeleteUser", move |world| {
                let found = world.state().agents.iter().find(|agent| agent.id == id).cloned();
                if let Some((user, _)) = found.as_ref().and_then(|agent| agent.user_name.split_once('@')) {
                    world.note_taking("DeleteUser", user);
                }
                if let Some(agent) = world.state().agents.iter_mut().find(|agent| agent.id == id) {
                    agent.gone = true;
                }
            });
            removed.await.ok_or_else(|| failed("DeleteUser")).map(|()| Removal::Removed)
        })
    }
}

/// Connect knows nobody by another name.
fn user_name(user: &Facts) -> Option<String> {
    user.upn.as_ref().map(|upn| upn.to_lowercase())
}
