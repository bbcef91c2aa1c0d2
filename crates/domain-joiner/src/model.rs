//! The whole flow in a world that goes wrong: nothing is replaced but the services.

mod commands;
mod denied;
mod economy;
mod host;
mod lives;
mod matrix;
mod moved;
mod orders;
mod scale;
mod secrets;
mod seeds;
mod strangers;
mod tags;
