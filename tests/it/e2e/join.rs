//! Instances that join the domain when they are launched and leave it when they are terminated, by events alone.

mod launched;
mod object;

mod life;
mod people;
mod places;
