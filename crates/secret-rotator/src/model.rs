//! The steps under the whole fault model.
