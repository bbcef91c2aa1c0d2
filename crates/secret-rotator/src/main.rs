//! The function `secret-rotator`: the four steps of a rotation, called by Secrets Manager.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use secret_rotator::clock::MachineClock;
use secret_rotator::config::Config;
use secret_rotator::directories::DirectoryServices;
use secret_rotator::guesses::Guesses;
use secret_rotator::handler::{Live, Rotator};
use secret_rotator::password_check::Kdcs;
use secret_rotator::secrets::SecretsManager;
use serde_json::Value;
use steward_core::config::{Variables, function_name};
use steward_core::directory::DirectoryService;
use steward_core::metrics::Metrics;
use steward_core::notice::Topic;
use steward_core::{aws, start, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let config = match Config::read(Variables::from_env()) {
        Ok(config) => config,
        Err(error) => return start::refuse(error).await,
    };
    let sdk = aws::sdk_config().await;
    let directories =
        config.directories.iter().map(|id| (id.clone(), DirectoryService::new(&sdk, id.clone())));
    let rotator: Live = Rotator {
        secrets: SecretsManager { client: aws_sdk_secretsmanager::Client::new(&sdk) },
        directories: DirectoryServices::new(directories),
        passwords: Kdcs::default(),
        notices: Topic { client: aws_sdk_sns::Client::new(&sdk), arn: config.topic_arn.clone() },
        clock: MachineClock::new(),
        guesses: Guesses::new(config.lockout_threshold),
        metrics: Metrics::of_function(function_name()),
        config,
    };
    let rotator = &rotator;
    run(service_fn(async |event: LambdaEvent<Value>| rotator.handle(&event.payload).await.map(drop))).await
}
