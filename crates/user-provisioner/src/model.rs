//! The flow as a whole, in a world that goes wrong: every fault at every call, every combination of the services' outcomes,
//! many executions at once.

mod matrix;
mod outcomes;
mod seeds;
