//! The function `computer-sweeper`: the steps of the state machine `sweep-computers`.
#![recursion_limit = "256"]

use computer_sweeper::config::Config;
use computer_sweeper::directories::Directories;
use computer_sweeper::instances::MemberInstances;
use computer_sweeper::items::ComputerTable;
use computer_sweeper::queue::JoinQueue;
use computer_sweeper::request::Request;
use computer_sweeper::sweeper::Sweeper;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use steward_core::accounts::AccountTable;
use steward_core::config::{Variables, function_name};
use steward_core::metrics::Metrics;
use steward_core::notice::Topic;
use steward_core::store::Table;
use steward_core::{aws, start, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let config = match Config::read(Variables::from_env()) {
        Ok(config) => config,
        Err(error) => return start::refuse(error).await,
    };
    let sdk = aws::sdk_config().await;
    let database = aws_sdk_dynamodb::Client::new(&sdk);
    let table = config.computer_table;
    let sweeper = Sweeper {
        rows: AccountTable::new(database.clone(), config.account_table, config.defaults),
        instances: MemberInstances { sdk: sdk.clone() },
        items: ComputerTable { client: database.clone(), name: table.clone() },
        objects: Directories {
            ca: (aws_sdk_ssm::Client::new(&sdk), config.ca_parameter),
            secret: (aws_sdk_secretsmanager::Client::new(&sdk), config.computer_secret_arn),
        },
        queue: JoinQueue { client: aws_sdk_sqs::Client::new(&sdk), url: config.join_queue_url },
        store: Table::new(database, table, config.record_retention_days),
        notices: Topic { client: aws_sdk_sns::Client::new(&sdk), arn: config.topic_arn },
        metrics: Metrics::of_function(function_name()),
        settings: config.settings,
    };
    let sweeper = &sweeper;
    run(service_fn(async |event: LambdaEvent<Request>| sweeper.handle(&event.payload).await)).await
}
