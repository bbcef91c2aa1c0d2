//! What a message tells.

use crate::place::Place;

/// What a message tells of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// EC2: the instance has entered a state.
    State(Place, ToldState),
    /// Systems Manager: a command has come to its end on the instance.
    Command(Place, String),
    /// This function itself: look at the instance again, for the so-many-th time.
    Again(Place, u32),
}

/// A state of which EC2 tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldState {
    /// `running`.
    Running,
    /// `terminated`.
    Terminated,
    /// Any other, of which nothing follows.
    Other,
}
