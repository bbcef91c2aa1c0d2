//! What a rotation to version `T` may find: labels, values, the password in force, the account.

use steward_core::directory::DirectoryKind;

use crate::event::Step;
use crate::testing::{A, CURRENT, F, P, PENDING, PREVIOUS, T, World, password_of, secret_text};

/// Where a rotation begins, and what others do meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beginning {
    /// Secrets Manager has just begun: AWSPENDING is empty.
    Fresh,
    /// There is an AWSPREVIOUS.
    WithPrevious,
    /// The password was stored.
    Created,
    /// The password was set.
    Set,
    /// AWSCURRENT was moved.
    Finished,
    /// AWSCURRENT was moved, and AWSPENDING stays with it.
    FinishedWithPending,
    /// An earlier rotation has left AWSPENDING on AWSCURRENT.
    PendingOnCurrent,
    /// The directory has AWSPREVIOUS's password.
    PreviousInForce,
    /// The directory has a password that nobody knows.
    OtherPassword,
    /// Somebody sets another password after `setSecret`.
    OtherPasswordAfterSet,
    /// The account was disabled long ago.
    Disabled,
    /// It was disabled, and has a password that nobody knows.
    DisabledWithOtherPassword,
    /// It is disabled after `createSecret`.
    DisabledAfterCreate,
    /// It is disabled after `setSecret`.
    DisabledAfterSet,
    /// The directory's policy refuses what is drawn.
    PolicyRefuses,
    /// Another version is AWSPENDING, and empty.
    ForeignEmpty,
    /// Another version is AWSPENDING.
    Foreign,
    /// Another version is AWSPENDING, and its password is in force.
    ForeignInForce,
    /// The version has lost AWSPENDING.
    Unlabelled,
    /// The version has lost AWSPENDING, and its password is in force.
    UnlabelledInForce,
    /// Rotation is switched off.
    SwitchedOff,
    /// No version is AWSCURRENT.
    NoCurrent,
    /// AWSPENDING is about another user.
    AnotherUser,
}

use Beginning as Is;

impl Beginning {
    pub(super) const ALL: [Self; 23] = [
        Is::Fresh,
        Is::WithPrevious,
        Is::Created,
        Is::Set,
        Is::Finished,
        Is::FinishedWithPending,
        Is::PendingOnCurrent,
        Is::PreviousInForce,
        Is::OtherPassword,
        Is::OtherPasswordAfterSet,
        Is::Disabled,
        Is::DisabledWithOtherPassword,
        Is::DisabledAfterCreate,
        Is::DisabledAfterSet,
        Is::PolicyRefuses,
        Is::ForeignEmpty,
        Is::Foreign,
        Is::ForeignInForce,
        Is::Unlabelled,
        Is::UnlabelledInForce,
        Is::SwitchedOff,
        Is::NoCurrent,
        Is::AnotherUser,
    ];

    pub(super) fn world(self, kind: DirectoryKind) -> World {
        let world = World::of(kind);
        let text = |version: &str| Some(secret_text(&password_of(version)));
        match self {
            Is::Created => world.put(T, text(T), &[PENDING]),
            Is::Set => {
                world.put(T, text(T), &[PENDING]);
                in_force(&world, &password_of(T));
            }
            Is::Finished | Is::FinishedWithPending => {
                let labels: &[_] = if self == Is::Finished { &[CURRENT] } else { &[CURRENT, PENDING] };
                world.put(A, text(A), &[PREVIOUS]);
                world.put(T, text(T), labels);
                in_force(&world, &password_of(T));
            }
            Is::Foreign | Is::ForeignInForce => {
                world.put(F, text(F), &[PENDING]);
                if self == Is::ForeignInForce {
                    in_force(&world, &password_of(F));
                }
            }
            Is::ForeignEmpty => world.put(F, None, &[PENDING]),
            Is::Unlabelled | Is::UnlabelledInForce => {
                world.put(T, text(T), &[]);
                if self == Is::UnlabelledInForce {
                    in_force(&world, &password_of(T));
                }
            }
            Is::AnotherUser => {
                let other = secret_text(&password_of(T)).replace("svc-join", "bob");
                world.put(T, Some(other), &[PENDING]);
            }
            _ => {
                if self == Is::PendingOnCurrent {
                    world.put(A, text(A), &[CURRENT, PENDING]);
                }
                assert!(world.begin(T));
            }
        }
        match self {
            Is::WithPrevious | Is::PreviousInForce => {
                world.put(P, text(P), &[PREVIOUS]);
                if self == Is::PreviousInForce {
                    in_force(&world, &password_of(P));
                }
            }
            Is::OtherPassword => in_force(&world, "somebody's"),
            Is::Disabled => world.change_account(|account| account.enabled = false),
            Is::DisabledWithOtherPassword => {
                world.put(T, text(T), &[PENDING]);
                in_force(&world, "somebody's");
                world.change_account(|account| account.enabled = false);
            }
            Is::PolicyRefuses => world.state().shortest = 40,
            Is::SwitchedOff => world.state().rotation_is_off = true,
            Is::NoCurrent => world.put(A, text(A), &[]),
            _ => {}
        }
        // All of that is long ago.
        world.pass_time(3_600_000);
        world.everybody_has_heard();
        world
    }

    /// What others do before a step of the first try.
    pub(super) fn meanwhile(self, world: &World, step: Step) {
        match (self, step) {
            (Is::OtherPasswordAfterSet, Step::Test) => in_force(world, "somebody's"),
            (Is::DisabledAfterCreate, Step::Set) | (Is::DisabledAfterSet, Step::Test) => {
                world.change_account(|account| account.enabled = false);
            }
            _ => {}
        }
    }

    /// Whether the secret's next rotation, with a version of its own, has to end well once this one is over.
    pub(super) fn next_rotation_ends_well(self, kind: DirectoryKind) -> bool {
        match self {
            Is::Disabled | Is::DisabledWithOtherPassword => false,
            Is::DisabledAfterCreate | Is::DisabledAfterSet => false,
            Is::ForeignEmpty | Is::Foreign | Is::ForeignInForce => false,
            Is::SwitchedOff | Is::NoCurrent | Is::AnotherUser | Is::PolicyRefuses => false,
            Is::OtherPassword | Is::OtherPasswordAfterSet => kind == DirectoryKind::ManagedMicrosoftAd,
            _ => true,
        }
    }
}

fn in_force(world: &World, password: &str) {
    world.change_account(|account| password.clone_into(&mut account.password));
}
