//! The ARN of a finding: `arn:PARTITION:guardduty:REGION:ACCOUNT:detector/DETECTOR/finding/FINDING`.

/// What stands for the detector of another account's finding. The member's copy and the administrator's may each name a
/// detector of their own; the finding's id is the same.
const ANY_DETECTOR: &str = "-";

/// An ARN in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    partition: &'a str,
    /// The Region.
    pub region: &'a str,
    /// The account.
    pub account: &'a str,
    resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads the ARN of something of GuardDuty's.
    pub fn parse(arn: &'a str) -> Option<Self> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let &["arn", partition, "guardduty", region, account, resource] = parts.as_slice() else {
            return None;
        };
        Some(Self { partition, region, account, resource })
    }

    /// The detector and the finding; nothing when it names no finding of one detector.
    pub fn detector_and_finding(&self) -> Option<(&'a str, &'a str)> {
        let parts: Vec<&str> = self.resource.split('/').collect();
        match parts[..] {
            ["detector", detector, "finding", finding] if detector != ANY_DETECTOR => {
                Some((detector, finding))
            }
            _ => None,
        }
    }

    /// The name that all copies of a finding have in common.
    pub(super) fn without_detector(&self) -> Option<String> {
        let Self { partition, region, account, .. } = self;
        let (_, finding) = self.detector_and_finding()?;
        let is_id = !finding.is_empty() && finding.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_id.then(|| {
            format!("arn:{partition}:guardduty:{region}:{account}:detector/{ANY_DETECTOR}/finding/{finding}")
        })
    }
}
