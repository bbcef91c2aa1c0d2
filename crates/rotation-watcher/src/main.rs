//! The function `rotation-watcher`: called each hour by a schedule.

use std::time::SystemTime;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use rotation_watcher::config::Config;
use rotation_watcher::handler::Watcher;
use rotation_watcher::secrets::SecretsManager;
use serde::de::IgnoredAny;
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
    let watcher = Watcher {
        secrets: SecretsManager { client: aws_sdk_secretsmanager::Client::new(&sdk) },
        metrics: Metrics::of_function(function_name()),
        config,
    };
    let watcher = &watcher;
    run(service_fn(async |_: LambdaEvent<IgnoredAny>| watcher.look(SystemTime::now()).await)).await
}
