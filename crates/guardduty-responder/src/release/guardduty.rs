//! Whether a finding is dealt with: GuardDuty is asked at the time of the release.

use aws_sdk_guardduty::Client;
use steward_core::error::{Kind, kind_of, service_text};

use crate::finding::Arn;

/// GuardDuty could not be asked.
#[derive(Debug, Clone, thiserror::Error)]
#[error("GetFindings failed: {reason}")]
pub struct GuardDutyError {
    reason: String,
    kind: Kind,
}

impl GuardDutyError {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    #[cfg(test)]
    pub(crate) fn injected() -> Self {
        Self { reason: "by the test".to_owned(), kind: Kind::Transient }
    }
}

/// What is known of findings.
pub trait Findings {
    /// Whether a finding is active: GuardDuty has it (it keeps findings for 90 days) and nobody has archived it.
    ///
    /// # Errors
    /// When GuardDuty cannot be asked, or the ARN is no finding's.
    fn is_active(&self, finding_arn: &str) -> impl Future<Output = Result<bool, GuardDutyError>> + Send;
}

/// GuardDuty.
#[derive(Debug, Clone)]
pub struct Detector {
    /// The client.
    pub client: Client,
}

impl Findings for Detector {
    async fn is_active(&self, finding_arn: &str) -> Result<bool, GuardDutyError> {
        let named = Arn::parse(finding_arn).and_then(|arn| arn.detector_and_finding());
        let Some((detector, finding)) = named else {
            let reason = format!("{finding_arn} is no finding of this account's detector");
            return Err(GuardDutyError { reason, kind: Kind::Permanent });
        };
        let answer = self.client.get_findings().detector_id(detector).finding_ids(finding).send().await;
        let output =
            answer.map_err(|error| GuardDutyError { reason: service_text(&error), kind: kind_of(&error) })?;
        let found = output.findings().iter().find(|found| found.id() == Some(finding));
        Ok(found
            .is_some_and(|found| !found.service().and_then(|service| service.archived()).unwrap_or(false)))
    }
}

#[cfg(test)]
mod tests {
    use steward_core::wire::{Answer, fake};

    use super::*;

    const ARN: &str = "arn:aws:guardduty:eu-west-1:111122223333:detector/d1/finding/f1";

    async fn is_active(answer: Answer) -> Result<bool, GuardDutyError> {
        let (sdk, asked) = fake(move |_, _| answer.clone());
        let active = Detector { client: Client::new(&sdk) }.is_active(ARN).await;
        let asked = asked.lock().unwrap()[0].clone();
        assert!(asked.contains("/detector/d1/findings/get") && asked.contains("f1"), "{asked}");
        active
    }

    #[tokio::test]
    async fn active_is_what_guardduty_has_and_nobody_has_archived() {
        for (archived, active) in [("false", true), ("true", false)] {
            let body = format!(r#"{{"findings":[{{"id":"f1","service":{{"archived":{archived}}}}}]}}"#);
            assert_eq!(is_active(Answer::ok(&body)).await.unwrap(), active);
        }
        assert!(!is_active(Answer::ok(r#"{"findings":[]}"#)).await.unwrap(), "gone after 90 days");
        assert!(
            is_active(Answer::ok(r#"{"findings":[{"id":"f1"}]}"#)).await.unwrap(),
            "in doubt it is active"
        );
    }

    #[tokio::test]
    async fn a_refusal_is_final_and_a_throttle_is_not() {
        let denied = is_active(Answer::error(403, "AccessDeniedException", "{}")).await.unwrap_err();
        assert_eq!(denied.kind(), Kind::Permanent);
        let busy = is_active(Answer::error(500, "InternalServerErrorException", "{}")).await.unwrap_err();
        assert_eq!(busy.kind(), Kind::Transient);
    }
}
