//! The function `domain-joiner`: batches of the join queue and of the status queue.
#![recursion_limit = "256"]

use std::time::SystemTime;

use domain_joiner::account::AccountTable;
use domain_joiner::batch::Batch;
use domain_joiner::computers::{Directories, ToolsHost};
use domain_joiner::config::Config;
use domain_joiner::handler::Handler;
use domain_joiner::joiner::Joiner;
use domain_joiner::later::JoinQueue;
use domain_joiner::member::MemberAccounts;
use domain_joiner::password::PasswordStores;
use domain_joiner::records::is_held;
use domain_joiner::seal::seal;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
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
    let (documents, told_documents) = (config.documents(), config.told_documents());
    let parameters = aws_sdk_ssm::Client::new(&sdk);
    let secrets = aws_sdk_secretsmanager::Client::new(&sdk);
    let database = aws_sdk_dynamodb::Client::new(&sdk);
    let table = config.settings.computer_table.clone();
    let members = MemberAccounts::new(&sdk, documents);
    let home = sdk.region().and_then(|region| region.as_ref().parse().ok());
    let host = config.tools_host.zip(home).map(|((tag, document), region)| ToolsHost {
        client: parameters.clone(),
        members: members.clone(),
        home: (config.defaults.own_account.clone(), region),
        tag,
        document,
    });
    let joiner = Joiner {
        members,
        computers: Directories::new(
            aws_sdk_directory::Client::new(&sdk),
            (parameters.clone(), config.ca_parameter),
            (secrets.clone(), config.computer_secret_arn),
        )
        .with_host(host),
        accounts: AccountTable::new(database.clone(), config.account_table, config.defaults),
        later: JoinQueue { client: aws_sdk_sqs::Client::new(&sdk), url: config.join_queue_url },
        passwords: PasswordStores { parameters, secrets },
        store: Table::new(database, table, config.record_retention_days).holding(is_held),
        notices: Topic { client: aws_sdk_sns::Client::new(&sdk), arn: config.topic_arn },
        seal,
        settings: config.settings,
    };
    let handler =
        Handler { joiner, documents: told_documents, metrics: Metrics::of_function(function_name()) };
    let handler = &handler;
    run(service_fn(async |event: LambdaEvent<Batch>| {
        let time_left = event.context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
        handler.handle(&event.payload, time_left).await
    }))
    .await
}
