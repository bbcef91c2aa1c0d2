//! The function `user-provisioner`: the steps of the state machine `onboard-user`.
#![recursion_limit = "256"]

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use steward_core::config::{Variables, function_name};
use steward_core::directory::DirectoryService;
use steward_core::metrics::Metrics;
use steward_core::notice::Topic;
use steward_core::{aws, start, telemetry};
use user_provisioner::config::Onboarding;
use user_provisioner::onboard::{Live, Provisioner, Request};
use user_provisioner::people::ManagedPeople;
use user_provisioner::records::user_table;
use user_provisioner::services;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let config = match Onboarding::read(Variables::from_env()) {
        Ok(config) => config,
        Err(error) => return start::refuse(error).await,
    };
    let sdk = aws::sdk_config().await;
    let common = &config.common;
    let provisioner: Live = Provisioner {
        people: ManagedPeople::new(DirectoryService::new(&sdk, common.directory.clone())),
        store: user_table(
            aws_sdk_dynamodb::Client::new(&sdk),
            common.user_table.clone(),
            common.record_retention_days,
        ),
        services: services::table(&common.services, &sdk),
        notices: Topic { client: aws_sdk_sns::Client::new(&sdk), arn: common.topic_arn.clone() },
        metrics: Metrics::of_function(function_name()),
        config,
    };
    let provisioner = &provisioner;
    run(service_fn(async |event: LambdaEvent<Request>| provisioner.handle(event.payload).await)).await
}
