//! WorkSpaces of the world, and how a service behaves as a test wants.

use steward_core::error::Kind;

use super::World;
use crate::people::Facts;
use crate::services::{
    Answer, Creation, Found, Leaving, Order, Removal, Service, ServiceError, Standing, Suspension,
};

/// How a service answers orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Behaviour {
    /// As it should.
    #[default]
    Works,
    /// There is an account already.
    Exists,
    /// It fails so often, and then works.
    FailsFirst(u32),
    /// It throttles so many calls: many more than a step's retries.
    Throttles(u32),
    /// The first answer is lost.
    LosesAnswer,
    /// It takes many minutes.
    IsSlow,
    /// Its quota is used up.
    OutOfQuota,
    /// It refuses.
    Refuses,
}

impl Behaviour {
    pub(crate) const ALL: [Self; 8] = [
        Self::Works,
        Self::Exists,
        Self::FailsFirst(3),
        Self::Throttles(40),
        Self::LosesAnswer,
        Self::IsSlow,
        Self::OutOfQuota,
        Self::Refuses,
    ];

    /// Whether there is an account in the end.
    pub(crate) fn ends_well(self) -> bool {
        !matches!(self, Self::OutOfQuota | Self::Refuses)
    }
}

/// What a desk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeskState {
    Running,
    Stopped,
    Gone,
}

/// A WorkSpace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Desk {
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) state: DeskState,
    /// When it is AVAILABLE, in milliseconds.
    pub(crate) ready_at: u64,
}

#[derive(Debug)]
pub(super) struct Desks(pub(super) World);

pub(super) fn failed(operation: &'static str) -> ServiceError {
    ServiceError::Call { operation, reason: "by the test".to_owned(), kind: Kind::Transient }
}

/// What a service in this mood answers before it does anything.
pub(super) fn mood(
    world: &World,
    service: &'static str,
    operation: &'static str,
) -> Result<Behaviour, ServiceError> {
    let mut state = world.state();
    let behaviour = state.behaviour.entry(service).or_default();
    let now = *behaviour;
    match now {
        Behaviour::FailsFirst(left) => {
            *behaviour = if left > 1 { Behaviour::FailsFirst(left - 1) } else { Behaviour::Works };
            Err(failed(operation))
        }
        Behaviour::Throttles(left) => {
            *behaviour = if left > 1 { Behaviour::Throttles(left - 1) } else { Behaviour::Works };
            Err(ServiceError::Throttled { operation, reason: "ThrottlingException: by the test".to_owned() })
        }
        Behaviour::OutOfQuota => {
            Err(ServiceError::Quota { operation, reason: "LimitExceeded: no more".to_owned() })
        }
        Behaviour::Refuses => Err(ServiceError::Call {
            operation,
            reason: "InvalidParameter: no".to_owned(),
            kind: Kind::Permanent,
        }),
        Behaviour::LosesAnswer => {
            *behaviour = Behaviour::Works;
            Ok(now)
        }
        _ => Ok(now),
    }
}

impl World {
    pub(super) fn next_id(&self, prefix: &str) -> String {
        let mut state = self.state();
        state.made += 1;
        format!("{prefix}-{}", state.made)
    }

    /// Puts a desk there that nobody of this flow has made.
    pub(crate) fn put_desk(&self, user: &str) -> String {
        let id = self.next_id("ws");
        let desk = Desk { id: id.clone(), user: user.to_owned(), state: DeskState::Running, ready_at: 0 };
        self.state().desks.push(desk);
        id
    }

    /// Nobody gets anything while he is disabled or gone, but for what was asked for just before.
    pub(super) fn check_gift(&self, operation: &str, user: &str) {
        let mut state = self.state();
        let now = state.now;
        let since = state.enabled_since.get(&format!("not {}", user.to_lowercase())).copied().unwrap_or(0);
        let enabled = state.users.get(&user.to_lowercase()).is_some_and(|person| person.user.enabled);
        if !enabled && now > since + 90_000 {
            state.violations.push(format!("{operation} for {user}, who is not enabled"));
        }
        if user.eq_ignore_ascii_case("admin") {
            state.violations.push(format!("{operation} for a protected user"));
        }
    }

    fn standing_of(&self, desk: &Desk) -> Standing {
        match desk.state {
            DeskState::Gone => Standing::Gone,
            DeskState::Stopped => Standing::Stopped,
            DeskState::Running if desk.ready_at > self.state().now => Standing::Pending("PENDING".to_owned()),
            DeskState::Running => Standing::Ready,
        }
    }

    fn desk_of_id(&self, id: &str) -> Option<Desk> {
        self.state().desks.iter().find(|desk| desk.id == id).cloned()
    }

    fn set_desk(&self, id: &str, state: DeskState) {
        if let Some(desk) = self.state().desks.iter_mut().find(|desk| desk.id == id) {
            desk.state = state;
        }
    }
}

impl Service for Desks {
    fn name(&self) -> &'static str {
        "workspaces"
    }

    fn title(&self) -> &'static str {
        "Amazon WorkSpaces"
    }

    fn create<'a>(&'a self, order: &'a Order) -> Answer<'a, Creation> {
        Box::pin(async move {
            let user = order.user.name.clone();
            let made = self.0.call("CreateWorkspaces", move |world| {
                let behaviour = mood(world, "workspaces", "CreateWorkspaces")?;
                if world.desk(&user).is_some() {
                    return Ok(Some(Creation::Exists));
                }
                world.check_gift("CreateWorkspaces", &user);
                let id = world.put_desk(&user);
                let seconds = if behaviour == Behaviour::IsSlow { 3000 } else { 40 };
                let mut state = world.state();
                let ready_at = state.now + seconds * 1000;
                if let Some(desk) = state.desks.last_mut() {
                    desk.ready_at = ready_at;
                }
                let standing = Standing::Pending("PENDING".to_owned());
                Ok((behaviour != Behaviour::LosesAnswer).then_some(Creation::Made { id, standing }))
            });
            made.await.ok_or_else(|| failed("CreateWorkspaces"))??.ok_or_else(|| failed("CreateWorkspaces"))
        })
    }

    fn find<'a>(&'a self, user: &'a Facts) -> Answer<'a, Option<Found>> {
        Box::pin(async move {
            let name = user.name.clone();
            let found = self.0.call("DescribeWorkspaces", move |world| {
                let desk = world.desk(&name)?;
                Some(Found { standing: world.standing_of(&desk), id: desk.id, other: None })
            });
            found.await.ok_or_else(|| failed("DescribeWorkspaces"))
        })
    }

    fn status<'a>(&'a self, id: &'a str) -> Answer<'a, Standing> {
        Box::pin(async move {
            let id = id.to_owned();
            let seen = self.0.call("DescribeWorkspaces", move |world| {
                let hidden = {
                    let state = world.state();
                    state.now < state.desks_hidden_until
                };
                let shown = world.desk_of_id(&id).filter(|_| !hidden);
                shown.map_or(Standing::Gone, |desk| world.standing_of(&desk))
            });
            seen.await.ok_or_else(|| failed("DescribeWorkspaces"))
        })
    }

    fn start<'a>(&'a self, id: &'a str) -> Answer<'a, Standing> {
        Box::pin(async move {
            if self.status(id).await? != Standing::Stopped {
                return self.status(id).await;
            }
            let id = id.to_owned();
            let started = self.0.call("StartWorkspaces", move |world| {
                world.set_desk(&id, DeskState::Running);
                Standing::Pending("STARTING".to_owned())
            });
            started.await.ok_or_else(|| failed("StartWorkspaces"))
        })
    }

    fn suspend<'a>(&'a self, id: &'a str, _: Leaving) -> Answer<'a, Suspension> {
        Box::pin(async move {
            match self.status(id).await? {
                Standing::Gone => return Ok(Suspension::Unseen),
                Standing::Stopped => return Ok(Suspension::Suspended),
                Standing::Pending(word) => return Ok(Suspension::NotYet(word)),
                _ if self.0.state().desks_never_stop => {
                    return Ok(Suspension::Kept("it runs ALWAYS_ON".to_owned()));
                }
                _ => {}
            }
            let id = id.to_owned();
            let stopped = self.0.call("StopWorkspaces", move |world| {
                if let Some(desk) = world.desk_of_id(&id) {
                    world.note_taking("StopWorkspaces", &desk.user);
                }
                world.set_desk(&id, DeskState::Stopped);
            });
            stopped.await.ok_or_else(|| failed("StopWorkspaces")).map(|()| Suspension::Suspended)
        })
    }

    fn remove<'a>(&'a self, id: &'a str) -> Answer<'a, Removal> {
        Box::pin(async move {
            let id = id.to_owned();
            let removed = self.0.call("TerminateWorkspaces", move |world| {
                if let Some(desk) = world.desk_of_id(&id) {
                    world.note_taking("TerminateWorkspaces", &desk.user);
                }
                world.set_desk(&id, DeskState::Gone);
            });
            removed.await.ok_or_else(|| failed("TerminateWorkspaces")).map(|()| Removal::Removed)
        })
    }
}
