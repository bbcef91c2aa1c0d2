//! The whole flow in a world that goes wrong: nothing is mocked but the services.

mod lives;
