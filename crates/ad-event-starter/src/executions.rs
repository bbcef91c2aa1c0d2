//! Starting executions of Step Functions.

use std::time::SystemTime;

use aws_sdk_sfn::Client;
use aws_sdk_sfn::operation::start_execution::StartExecutionError;
use aws_smithy_types::DateTime;
use steward_core::error::{Kind, kind_of, service_text};

use crate::start::Machine;

/// An execution that could not be started; it may have been.
#[derive(Debug, Clone, thiserror::Error)]
#[error("StartExecution failed: {reason}")]
pub struct StartError {
    reason: String,
    kind: Kind,
}

impl StartError {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    #[cfg(test)]
    pub(crate) fn injected(kind: Kind) -> Self {
        Self { reason: "by the test".to_owned(), kind }
    }
}

/// Whether an execution of this name is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// It is, or it has been started a moment ago.
    Now,
    /// It was there.
    Before,
}

/// By how much the clock here may be ahead of the service's, in milliseconds. Only a count hangs on it.
const CLOCKS_DIFFER: i64 = 100;

/// What starts executions.
pub trait Executions {
    /// Starts an execution, unless there is one of this name.
    ///
    /// # Errors
    /// When that is not confirmed. It may have been started.
    fn start(
        &self,
        machine: Machine,
        name: &str,
        input: &str,
    ) -> impl Future<Output = Result<Started, StartError>> + Send;
}

/// Step Functions.
#[derive(Debug, Clone)]
pub struct StepFunctions {
    /// The client.
    pub client: Client,
    /// The ARN of `onboard-user`.
    pub onboard_arn: String,
    /// The ARN of `offboard-user`.
    pub offboard_arn: String,
}

impl Executions for StepFunctions {
    async fn start(&self, machine: Machine, name: &str, input: &str) -> Result<Started, StartError> {
        let arn = match machine {
            Machine::Onboard => &self.onboard_arn,
            Machine::Offboard => &self.offboard_arn,
        };
        let asked = DateTime::from(SystemTime::now());
        let answer =
            self.client.start_execution().state_machine_arn(arn).name(name).input(input).send().await;
        match answer {
            // While an execution runs, the same name with the same input is answered with that execution.
            Ok(started) if is_earlier(started.start_date(), &asked) => Ok(Started::Before),
            Ok(_) => Ok(Started::Now),
            Err(error) => match error.as_service_error() {
                Some(StartExecutionError::ExecutionAlreadyExists(_)) => Ok(Started::Before),
                // The quota of open executions: it passes, as throttling does.
                Some(StartExecutionError::ExecutionLimitExceeded(_)) => {
                    Err(StartError { reason: service_text(&error), kind: Kind::Transient })
                }
                _ => Err(StartError { reason: service_text(&error), kind: kind_of(&error) }),
            },
        }
    }
}

fn is_earlier(began: &DateTime, asked: &DateTime) -> bool {
    let milliseconds = |time: &DateTime| time.to_millis().unwrap_or_default();
    milliseconds(began) + CLOCKS_DIFFER < milliseconds(asked)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use steward_core::wire::{Answer, Asked, fake};

    use super::*;

    fn step_functions(answer: Answer) -> (StepFunctions, Asked) {
        let (sdk, asked) = fake(move |_, _| answer.clone());
        let service = StepFunctions {
            client: Client::new(&sdk),
            onboard_arn: "arn:on".to_owned(),
            offboard_arn: "arn:off".to_owned(),
        };
        (service, asked)
    }

    fn started_ago(milliseconds: u64) -> Answer {
        let began = DateTime::from(SystemTime::now() - Duration::from_millis(milliseconds));
        Answer::ok(format!(r#"{{"executionArn":"arn:x:1","startDate":{}}}"#, began.as_secs_f64()))
    }

    #[tokio::test]
    async fn starts_the_state_machine_by_name_with_its_input() {
        let (service, asked) = step_functions(started_ago(0));
        assert_eq!(service.start(Machine::Onboard, "onboard-1", r#"{"a":1}"#).await.unwrap(), Started::Now);
        assert_eq!(service.start(Machine::Offboard, "offboard-1", "{}").await.unwrap(), Started::Now);
        let asked = asked.lock().unwrap();
        assert!(asked[0].starts_with("AWSStepFunctions.StartExecution "), "{asked:?}");
        for part in [r#""stateMachineArn":"arn:on""#, r#""name":"onboard-1""#, r#""input":"{\"a\":1}""#] {
            assert!(asked[0].contains(part), "{asked:?}");
        }
        assert!(asked[1].contains(r#""stateMachineArn":"arn:off""#), "{asked:?}");
    }

    #[tokio::test]
    async fn an_execution_that_is_there_is_no_failure() {
        let (service, _) = step_functions(Answer::error(400, "ExecutionAlreadyExists", "{}"));
        assert_eq!(service.start(Machine::Onboard, "n", "{}").await.unwrap(), Started::Before);
    }

    #[tokio::test]
    async fn an_execution_that_has_been_running_is_not_started_now() {
        for (ago, expected) in [(0, Started::Now), (200, Started::Before), (60_000, Started::Before)] {
            let (service, _) = step_functions(started_ago(ago));
            assert_eq!(service.start(Machine::Onboard, "n", "{}").await.unwrap(), expected, "{ago} ms");
        }
    }

    #[tokio::test]
    async fn a_quota_passes_and_a_missing_state_machine_does_not() {
        for (status, code, kind) in [
            (400, "ThrottlingException", Kind::Transient),
            (400, "ExecutionLimitExceeded", Kind::Transient),
            (500, "InternalServerError", Kind::Transient),
            (400, "StateMachineDoesNotExist", Kind::Permanent),
            (400, "AccessDeniedException", Kind::Permanent),
        ] {
            let (service, _) = step_functions(Answer::error(status, code, "{}"));
            let error = service.start(Machine::Onboard, "n", "{}").await.unwrap_err();
            assert_eq!(error.kind(), kind, "{code}");
            assert!(error.to_string().contains(code), "{error}");
        }
    }
}
