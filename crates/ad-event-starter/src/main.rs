//! The function `ad-event-starter`: batches of the directory's log group, and messages of the start queue.
#![recursion_limit = "256"]

use std::time::{Duration, SystemTime};

use ad_event_starter::config::Config;
use ad_event_starter::executions::StepFunctions;
use ad_event_starter::handler::{Live, Starter};
use ad_event_starter::left_over::StartQueue;
use ad_event_starter::trigger::Trigger;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use steward_core::config::{Variables, function_name};
use steward_core::metrics::Metrics;
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
    let starter: Live = Starter {
        store: Table::new(
            aws_sdk_dynamodb::Client::new(&sdk),
            config.user_table.clone(),
            config.record_retention_days,
        ),
        executions: StepFunctions {
            client: aws_sdk_sfn::Client::new(&sdk),
            onboard_arn: config.onboard_state_machine_arn.clone(),
            offboard_arn: config.offboard_state_machine_arn.clone(),
        },
        left_overs: StartQueue {
            client: aws_sdk_sqs::Client::new(&sdk),
            url: config.start_queue_url.clone(),
        },
        metrics: Metrics::of_function(function_name()),
        config,
        pause: Duration::from_millis(500),
    };
    let starter = &starter;
    run(service_fn(async |event: LambdaEvent<Trigger>| {
        let time_left = event.context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
        starter.handle(event.payload, time_left).await
    }))
    .await
}
