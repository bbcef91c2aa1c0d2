//! The function `containment-approver`: the steps of the state machine `approve-containment`.

use guardduty_responder::approval::{Approver, Config, Live, Request, StepFunctions};
use guardduty_responder::records::decision_table;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use steward_core::config::{Variables, function_name};
use steward_core::metrics::Metrics;
use steward_core::{aws, start, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let config = match Config::read(Variables::from_env()) {
        Ok(config) => config,
        Err(error) => return start::refuse(error).await,
    };
    let sdk = aws::sdk_config().await;
    let approver: Live = Approver {
        store: decision_table(
            aws_sdk_dynamodb::Client::new(&sdk),
            config.decision_table.clone(),
            config.record_retention_days,
        ),
        wake: StepFunctions { client: aws_sdk_sfn::Client::new(&sdk) },
        metrics: Metrics::of_function(function_name()),
        config,
    };
    let approver = &approver;
    run(service_fn(async |event: LambdaEvent<Request>| approver.handle(event.payload).await)).await
}
