//! What people are told: the first line says what happened, the rest what to know and do.

use steward_core::notice::{Notice, plain, subject};

use crate::error::Error;
use crate::event::Event;
use crate::metric::Metric;

/// A rotation has come to its end.
pub fn rotated(event: &Event) -> Notice {
    let name = plain(event.secret.name());
    Notice {
        subject: subject(&format!("[adsteward] password rotated: {name}")),
        body: format!(
            "The password in the secret {name} is rotated: the new one has logged in, and is AWSCURRENT.\n\n{}\n\
             Who has kept the old password has to read the secret again.\n",
            details(event)
        ),
    }
}

/// A rotation cannot go on by itself.
pub fn failed(event: &Event, error: &Error) -> Notice {
    let name = plain(event.secret.name());
    let (headline, state) = match error.metric() {
        Some(Metric::Reverted) => {
            ("password rotation undone", "The directory has AWSCURRENT's password again.")
        }
        Some(Metric::RotationRefused) => ("password rotation refused", "No password was set in this step."),
        _ => ("password rotation failed", "Secrets Manager tries again; this will not pass by itself."),
    };
    // Longer than what is shown of a value from outside: these are our own words, each part made plain.
    let cause: Vec<String> = error.to_string().split(". ").map(plain).collect();
    Notice {
        subject: subject(&format!("[adsteward] {headline}: {name}")),
        body: format!(
            "{headline}: {name}\n\n{}.\n{state}\n\n{}",
            cause.join(".\n").trim_end_matches('.'),
            details(event)
        ),
    }
}

fn details(event: &Event) -> String {
    format!(
        "DETAILS\n  secret    {}\n  version   {}\n  step      {}\n",
        plain(event.secret.as_str()),
        event.version,
        event.step.word()
    )
}
