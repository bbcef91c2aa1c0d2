//! A password is in nothing but the call that needs it. Every other test of the model looks for them too, wherever the flow
//! writes something down; here also in what it logs.

use std::io::{Result, Write};
use std::sync::{Arc, Mutex};

use crate::account::Mode;
use crate::member::State as Truth;
use crate::testing::{Behaviour, Faults, World, join_user};

const ONE: &str = "i-00000000000000001";

#[derive(Debug, Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

#[test]
fn no_password_is_logged_recorded_mailed_or_sent_in_clear() {
    let logged = Logged::default();
    let writer = logged.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let (mut secrets, mut sealed) = (Vec::new(), 0);
    tracing::subscriber::with_default(subscriber, || {
        for seed in 0..60 {
            let mode = if seed % 2 == 0 { Mode::OneTime } else { join_user() };
            let world = World::new(seed, mode);
            world.state().faults = Faults::Random { per_mille: 30, left: 12 };
            world.launch(ONE, Behaviour::FailsOnce(19, "not-verified"));
            world.play(vec![(20_000, ONE.to_owned(), Truth::Terminated)]);
            world.come_to_rest();
            assert_eq!(world.problems(), [""; 0]);
            let state = world.state();
            sealed +=
                state.commands.values().filter(|command| !command.parameters["Secret"].is_empty()).count();
            secrets.extend(state.secrets.iter().cloned());
        }
    });
    let logged = String::from_utf8(logged.0.lock().unwrap().clone()).unwrap();
    assert!(sealed >= 40 && secrets.len() >= 60, "{sealed} {}", secrets.len());
    assert!(!secrets.iter().any(|secret| logged.contains(secret.as_str())));
}
