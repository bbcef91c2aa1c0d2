//! What a rotation finds: the labels of the secret, and the account.

use serde_json::json;

use super::under_way;
use crate::directory::PASSWORD;
use crate::fault::{Fault, Kind, clear};
use crate::lab::variable;
use crate::operator::{aws, try_aws};
use crate::users::{create_simple_users, create_users};

/// A password that the directory does not have, or not yet.
const NEXT: &str = "Next-Horse-8-Battery";

/// Where a rotation begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// Nothing but AWSCURRENT.
    Fresh,
    /// The same, in a Simple AD.
    SimpleAd,
    /// AWSPENDING on an empty version, of a rotation that died.
    Stray,
    /// AWSPENDING on a version that somebody has stored.
    Foreign,
    /// AWSPENDING on a version that the directory has already: all that was missing was to finish.
    LeftOver,
    /// The same as foreign, and the user was disabled since.
    Disabled,
}

use Beginning::{Disabled, Foreign, Fresh, LeftOver, SimpleAd, Stray};

impl Beginning {
    pub(super) const COUNT: usize = 6;

    pub(super) fn name(self) -> &'static str {
        match self {
            Fresh => "rotate",
            SimpleAd => "rotate-simple",
            Stray => "rotate-stray",
            Foreign => "rotate-foreign",
            LeftOver => "rotate-leftover",
            Disabled => "rotate-disabled",
        }
    }

    pub(super) fn peers_name(self) -> &'static str {
        match self {
            Fresh => "peer",
            SimpleAd => "peer-simple",
            Stray => "peer-stray",
            Foreign => "peer-foreign",
            LeftOver => "peer-leftover",
            Disabled => "peer-disabled",
        }
    }

    pub(super) fn create_users(self, users: &[String]) {
        if self == SimpleAd { create_simple_users(users) } else { create_users(users) }
    }

    /// Makes a user's secret as it is to be found; its ARN.
    pub(super) fn secret(self, user: &str, directory: &str, function: &str) -> String {
        let value = |password: &str| {
            json!({"Directory ID": directory, "UserName": user, "Password": password}).to_string()
        };
        let create = json!({"Name": format!("rotated/{user}"), "SecretString": value(PASSWORD)});
        let arn = aws("secretsmanager", "create_secret", &create)["ARN"].as_str().unwrap().to_owned();
        match self {
            Fresh | SimpleAd => {}
            Stray => die_at_the_first_call(user, &arn, function),
            Foreign | LeftOver | Disabled => {
                configure(&arn, function);
                let pending =
                    json!({"SecretId": arn, "SecretString": value(NEXT), "VersionStages": ["AWSPENDING"]});
                aws("secretsmanager", "put_secret_value", &pending);
            }
        }
        match self {
            LeftOver => {
                let reset = json!({"DirectoryId": directory, "UserName": user, "NewPassword": NEXT});
                aws("ds", "reset_user_password", &reset);
            }
            Disabled => {
                let disable = json!({"DirectoryId": variable("DIRECTORY_ID"), "SAMAccountName": user});
                aws("ds-data", "disable_user", &disable);
            }
            _ => {}
        }
        arn
    }
}

/// Turns rotation on, which tests the way to the directory and rotates nothing.
fn configure(arn: &str, function: &str) {
    let rules = json!({"AutomaticallyAfterDays": 30});
    let configure = json!({"SecretId": arn, "RotationLambdaARN": function, "RotationRules": rules, "RotateImmediately": false});
    aws("secretsmanager", "rotate_secret", &configure);
    under_way::ended(arn);
}

/// Secrets Manager labels an empty version; the function never comes to store a value.
fn die_at_the_first_call(user: &str, arn: &str, function: &str) {
    let (service, operation, kind) = ("secretsmanager", "DescribeSecret", Kind::KillAfter);
    Fault { service, operation, kind, count: 3, after: 0, text: user }.declare();
    let rules = json!({"AutomaticallyAfterDays": 30});
    let rotate = json!({"SecretId": arn, "RotationLambdaARN": function, "RotationRules": rules});
    aws("secretsmanager", "rotate_secret", &rotate);
    assert_eq!(under_way::ended(arn)["outcome"], "Failed");
    assert_eq!(clear(user), 3);
    let pending = json!({"SecretId": arn, "VersionStage": "AWSPENDING"});
    assert!(try_aws("secretsmanager", "get_secret_value", &pending).is_err(), "it is not empty");
}
