//! What the function counts.

/// A metric in the namespace `adsteward`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Secrets whose rotation is overdue or turned off, counted at each look.
    RotationOverdue,
}

impl From<Metric> for &'static str {
    fn from(metric: Metric) -> Self {
        match metric {
            Metric::RotationOverdue => "RotationOverdue",
        }
    }
}
