//! Follows with the model.
