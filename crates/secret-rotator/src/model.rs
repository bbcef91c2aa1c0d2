//! The steps under the whole fault model.
//!
//! [`layouts`] tries each step on every layout of labels; [`matrix`] every kind of fault at every call of a rotation from
//! every beginning; [`turns`] two rotations in every order; [`seeds`] all of it together at random. What must hold is in
//! `testing::truth`, for the moment of an effect, and in [`rest`], for when everything has come to rest.

mod beginning;
mod layouts;
mod matrix;
mod rest;
mod seeds;
mod turns;
