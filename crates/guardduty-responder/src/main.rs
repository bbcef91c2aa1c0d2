//! The function `guardduty-responder`: the steps of the state machine `contain-user`.
#![recursion_limit = "256"]

use std::time::Duration;

use guardduty_responder::contain::{Config, Live, Request, Responder};
use guardduty_responder::directories::Forests;
use guardduty_responder::notice::Topic;
use guardduty_responder::records::decision_table;
use guardduty_responder::systems_manager::{OtherAccounts, RunCommand};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use steward_core::accounts::AccountTable;
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
    let responder: Live = Responder {
        directories: Forests::new(
            DirectoryService::new(&sdk, config.directory.clone()),
            aws_sdk_secretsmanager::Client::new(&sdk),
            config.trusted_forest_secrets.clone(),
        ),
        store: decision_table(
            aws_sdk_dynamodb::Client::new(&sdk),
            config.decision_table.clone(),
            config.record_retention_days,
        ),
        systems: RunCommand {
            client: aws_sdk_ssm::Client::new(&sdk),
            account: config.scope.account.clone(),
            region: config.scope.region.clone(),
            documents: config.documents.clone(),
            kill_switch_parameter: config.kill_switch_parameter.clone(),
            others: config.members.clone().map(|members| OtherAccounts {
                sdk: sdk.clone(),
                accounts: AccountTable::new(
                    aws_sdk_dynamodb::Client::new(&sdk),
                    members.account_table,
                    members.defaults,
                ),
                documents: members.documents,
            }),
        },
        notices: Topic { client: aws_sdk_sns::Client::new(&sdk), arn: config.topic_arn.clone() },
        metrics: Metrics::of_function(function_name()),
        config,
        read_back_pause: Duration::from_millis(500),
    };
    let responder = &responder;
    run(service_fn(async |event: LambdaEvent<Request>| responder.handle(event.payload).await)).await
}
