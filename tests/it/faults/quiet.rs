//! What happens in the directory starts nothing while a matrix is played: it starts what it plays itself, and each of its
//! hundreds of users would be given accounts beside it.

use serde_json::{Value, json};

use crate::lab::variable;
use crate::operator::aws;

/// As long as the value lives, nobody is told of the directory's users.
pub(crate) struct Quiet {
    /// None where onboarding is not deployed.
    filter: Option<Value>,
}

impl Quiet {
    pub(crate) fn now() -> Self {
        let group = json!({"logGroupName": variable("DIRECTORY_LOG_GROUP")});
        let filters = aws("logs", "describe_subscription_filters", &group)["subscriptionFilters"].take();
        let filter = filters.as_array().unwrap().first().cloned().map(|mut filter| {
            filter.as_object_mut().unwrap().retain(|name, _| {
                ["logGroupName", "filterName", "filterPattern", "destinationArn"].contains(&name.as_str())
            });
            let named = json!({"logGroupName": filter["logGroupName"], "filterName": filter["filterName"]});
            aws("logs", "delete_subscription_filter", &named);
            aws("events", "disable_rule", &leaver_rule());
            filter
        });
        Self { filter }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        if let Some(filter) = &self.filter {
            aws("logs", "put_subscription_filter", filter);
            aws("events", "enable_rule", &leaver_rule());
        }
    }
}

/// `CloudTrail`'s word for what the security log tells too.
fn leaver_rule() -> Value {
    json!({"Name": format!("{}-leaver", variable("STACK_NAME"))})
}
