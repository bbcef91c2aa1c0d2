//! Wakes an execution that waits for a task token.

use aws_sdk_sfn::Client;
use aws_sdk_sfn::operation::send_task_success::SendTaskSuccessError;
use steward_core::error::{Kind, kind_of, service_text};

/// What became of waking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// The execution goes on.
    Yes,
    /// Nobody waits for this token any more: the execution has the answer from the table, or will.
    NobodyWaits,
}

/// An execution that could not be woken.
#[derive(Debug, Clone, thiserror::Error)]
#[error("SendTaskSuccess failed: {reason}")]
pub struct WakeError {
    reason: String,
    kind: Kind,
}

impl WakeError {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    #[cfg(test)]
    pub(crate) fn injected() -> Self {
        Self { reason: "by the test".to_owned(), kind: Kind::Transient }
    }
}

/// Executions that wait.
pub trait Wake {
    /// Wakes the one that waits for this token. It is told nothing: what was answered is in the table.
    ///
    /// # Errors
    /// When the service cannot be asked.
    fn wake(&self, token: &str) -> impl Future<Output = Result<Woken, WakeError>> + Send;
}

/// Step Functions.
#[derive(Debug, Clone)]
pub struct StepFunctions {
    /// The client.
    pub client: Client,
}

impl Wake for StepFunctions {
    async fn wake(&self, token: &str) -> Result<Woken, WakeError> {
        let answer = self
            .client
            .send_task_success()
            .task_token(token)
            .output(r#"{"outcome":"answered"}"#)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Woken::Yes),
            Err(error) => match error.as_service_error() {
                Some(SendTaskSuccessError::TaskDoesNotExist(_) | SendTaskSuccessError::TaskTimedOut(_)) => {
                    Ok(Woken::NobodyWaits)
                }
                _ => Err(WakeError { reason: service_text(&error), kind: kind_of(&error) }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use steward_core::wire::{Answer, fake};

    use super::*;

    async fn wake(answer: Answer) -> (Result<Woken, WakeError>, String) {
        let (sdk, asked) = fake(move |_, _| answer.clone());
        let woken = StepFunctions { client: Client::new(&sdk) }.wake("token-1").await;
        let asked = asked.lock().unwrap()[0].clone();
        (woken, asked)
    }

    #[tokio::test]
    async fn wakes_by_the_token_and_tells_nothing_else() {
        let (woken, asked) = wake(Answer::ok("{}")).await;
        assert_eq!(woken.unwrap(), Woken::Yes);
        assert!(asked.contains("token-1") && asked.contains("answered"), "{asked}");
    }

    #[tokio::test]
    async fn who_waits_no_more_is_no_failure_and_a_throttle_is_one() {
        for kind in ["TaskTimedOut", "TaskDoesNotExist"] {
            assert_eq!(wake(Answer::error(400, kind, "{}")).await.0.unwrap(), Woken::NobodyWaits);
        }
        let (woken, _) = wake(Answer::error(400, "ThrottlingException", "{}")).await;
        assert_eq!(woken.unwrap_err().kind(), Kind::Transient);
    }
}
