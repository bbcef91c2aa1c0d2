//! The event's own form, read tolerantly: nothing in it can make the reading fail except that it is no JSON object.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use steward_core::ids::InstanceId;

use super::Process;
use crate::clock;

/// The EventBridge envelope.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Event {
    /// The event's own id.
    #[serde(deserialize_with = "lenient")]
    pub id: String,
    /// `aws.guardduty`.
    #[serde(deserialize_with = "lenient")]
    pub source: String,
    /// `GuardDuty Finding`.
    #[serde(rename = "detail-type", deserialize_with = "lenient")]
    pub detail_type: String,
    /// The account whose bus the event was put on.
    #[serde(deserialize_with = "lenient")]
    pub account: String,
    /// The Region of that bus.
    #[serde(deserialize_with = "lenient")]
    pub region: String,
    /// The finding.
    #[serde(deserialize_with = "lenient")]
    pub detail: Option<Detail>,
}

/// Reads a member, or its default when it has another form than expected.
fn lenient<'de, D: Deserializer<'de>, T: Default + serde::de::DeserializeOwned>(
    from: D,
) -> Result<T, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// The finding, in camel case.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Detail {
    #[serde(deserialize_with = "lenient")]
    pub(crate) account_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) region: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) arn: Option<String>,
    #[serde(rename = "type", deserialize_with = "lenient")]
    pub(crate) kind: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) severity: Option<f64>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) updated_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    resource: Value,
    #[serde(deserialize_with = "lenient")]
    pub(super) service: Option<Service>,
}

impl Detail {
    /// The instance, when the finding is about one.
    pub(super) fn instance(&self) -> Option<InstanceId> {
        if self.resource["resourceType"] != "Instance" {
            return None;
        }
        self.resource["instanceDetails"]["instanceId"].as_str()?.parse().ok()
    }
}

/// What GuardDuty itself says about the finding.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Service {
    archived: Value,
    additional_info: Value,
    runtime_details: Value,
}

impl Service {
    /// Anything but a clear "no" counts as archived.
    pub(super) fn is_archived(&self) -> bool {
        !(self.archived.is_null() || self.archived == false || self.archived == "false")
    }

    /// Samples say so in `additionalInfo.sample`, or inside the JSON text in `additionalInfo.value`.
    pub(super) fn is_sample(&self) -> bool {
        let says_so = |info: &Value| !(info["sample"].is_null() || info["sample"] == false);
        let nested = self.additional_info["value"].as_str().and_then(|text| serde_json::from_str(text).ok());
        says_so(&self.additional_info) || nested.is_some_and(|info: Value| says_so(&info))
    }

    pub(super) fn process(&self) -> Option<ProcessDetails> {
        serde_json::from_value(self.runtime_details["process"].clone()).ok()
    }
}

/// The flagged process.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ProcessDetails {
    user: Option<String>,
    user_id: Option<Number>,
    euid: Option<Number>,
    pid: Option<Number>,
    start_time: Value,
    lineage: Option<Vec<ProcessDetails>>,
}

impl ProcessDetails {
    pub(super) fn user_and_uid(&self) -> Option<(String, u32)> {
        let user = self.user.clone().filter(|user| !user.is_empty())?;
        Some((user, self.user_id?.as_u32()?))
    }

    /// The process and its parents, or nothing when one of them has no process id.
    pub(super) fn chain(&self) -> Option<Vec<Process>> {
        let parents = self.lineage.as_deref().unwrap_or_default();
        std::iter::once(self)
            .chain(parents)
            .map(|process| {
                Some(Process {
                    pid: process.pid?.as_u32().filter(|pid| (1..=9_999_999).contains(pid))?,
                    uid: process.user_id.or(process.euid).and_then(Number::as_u32),
                    euid: process.euid.and_then(Number::as_u32),
                    started: seconds(&process.start_time),
                })
            })
            .collect()
    }
}

/// A number that some senders write as text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number(f64);

impl Number {
    fn as_u32(self) -> Option<u32> {
        let whole = self.0.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&self.0);
        whole.then_some(self.0 as u32)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        let number = value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        number.map(Self).ok_or_else(|| serde::de::Error::custom("expected a number"))
    }
}

/// Seconds since 1970 from an ISO 8601 text or a number of seconds or milliseconds.
fn seconds(value: &Value) -> Option<u64> {
    if let Some(text) = value.as_str() {
        return clock::seconds(text).filter(|seconds| *seconds > 0);
    }
    let number = value.as_f64().filter(|number| number.is_finite() && *number > 0.0)?;
    Some(if number > 1e11 { (number / 1000.0) as u64 } else { number as u64 })
}
