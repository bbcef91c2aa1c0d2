//! The function `disable-witness`: CloudTrail's records from two queues.

use aws_lambda_events::sqs::SqsEvent;
use guardduty_responder::notice::Topic;
use guardduty_responder::records::decision_table;
use guardduty_responder::witness::{Config, Live, Witness};
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
    let witness: Live = Witness {
        store: decision_table(
            aws_sdk_dynamodb::Client::new(&sdk),
            config.decision_table.clone(),
            config.record_retention_days,
        ),
        notices: Topic { client: aws_sdk_sns::Client::new(&sdk), arn: config.topic_arn.clone() },
        metrics: Metrics::of_function(function_name()),
        config,
    };
    let witness = &witness;
    run(service_fn(async |event: LambdaEvent<SqsEvent>| witness.handle(event.payload).await)).await
}
