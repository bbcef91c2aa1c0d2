//! The function `user-releaser`: the steps of the state machine `release-user`.

use guardduty_responder::directories::Forests;
use guardduty_responder::notice::Topic;
use guardduty_responder::records::decision_table;
use guardduty_responder::release::{Config, Detector, Live, Releaser, Request, Secrets};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use steward_core::config::{Variables, function_name};
use steward_core::directory::DirectoryService;
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
    let secrets = aws_sdk_secretsmanager::Client::new(&sdk);
    let releaser: Live = Releaser {
        directories: Forests::new(
            DirectoryService::new(&sdk, config.directory.clone()),
            secrets.clone(),
            config.trusted_forest_secrets.clone(),
        ),
        store: decision_table(
            aws_sdk_dynamodb::Client::new(&sdk),
            config.decision_table.clone(),
            config.record_retention_days,
        ),
        escrow: Secrets { client: secrets, prefix: config.secret_prefix.clone() },
        findings: Detector { client: aws_sdk_guardduty::Client::new(&sdk) },
        notices: Topic { client: aws_sdk_sns::Client::new(&sdk), arn: config.topic_arn.clone() },
        metrics: Metrics::of_function(function_name()),
        config,
    };
    let releaser = &releaser;
    run(service_fn(async |event: LambdaEvent<Request>| releaser.handle(event.payload).await)).await
}
