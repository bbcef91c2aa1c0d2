//! The flows under the whole fault model.
//!
//! [`matrix`] tries every kind of fault at every call of one execution; [`seeds`] interleaves many executions at every
//! call, with random faults. What must hold is in `testing::truth`, for the moment of an effect, and `testing::rest`,
//! for when everything has come to rest.

mod asked;
mod matrix;
mod scenario;
mod seeds;
mod sessions;
mod trusted;
