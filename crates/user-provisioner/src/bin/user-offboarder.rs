//! The function `user-offboarder`: the steps of the state machine `offboard-user`.
#![recursion_limit = "256"]

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use steward_core::config::{Variables, function_name};
use steward_core::directory::DirectoryService;
use steward_core::metrics::Metrics;
use steward_core::notice::Topic;
use steward_core::store::Table;
use steward_core::{aws, start, telemetry};
use user_provisioner::config::Offboarding;
use user_provisioner::offboard::{Live, Offboarder, Request};
use user_provisioner::people::ManagedPeople;
use user_provisioner::records::user_table;
use user_provisioner::services;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let config = match Offboarding::read(Variables::from_env()) {
        Ok(config) => config,
        Err(error) => return start::refuse(error).await,
    };
    let sdk = aws::sdk_config().await;
    let common = &config.common;
    let table = aws_sdk_dynamodb::Client::new(&sdk);
    let offboarder: Live = Offboarder {
        people: ManagedPeople::new(DirectoryService::new(&sdk, common.directory.clone())),
        store: user_table(table.clone(), common.user_table.clone(), common.record_retention_days),
        // Nothing is written there, so that nothing of it expires by this.
        decisions: Table::new(table, config.decision_table.clone(), common.record_retention_days),
        services: services::table(&common.services, &sdk),
        notices: Topic { client: aws_sdk_sns::Client::new(&sdk), arn: common.topic_arn.clone() },
        metrics: Metrics::of_function(function_name()),
        config,
    };
    let offboarder = &offboarder;
    run(service_fn(async |event: LambdaEvent<Request>| offboarder.handle(event.payload).await)).await
}
