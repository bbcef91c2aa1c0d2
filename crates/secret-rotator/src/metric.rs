//! What the function counts, where a rotation comes to an end.

/// A metric in the namespace `adsteward`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Metric {
    /// Rotations that came to their end: AWSCURRENT is a password that has just logged in.
    Rotated,
    /// Rotations that were undone: the directory has AWSCURRENT's password again.
    Reverted,
    /// Rotations that must not happen, because the account may not log in.
    RotationRefused,
    /// Rotations that cannot go on without a person.
    RotationFailed,
}

impl Metric {
    /// Every metric.
    pub const ALL: &[Self] = &[Self::Rotated, Self::Reverted, Self::RotationRefused, Self::RotationFailed];
}

impl From<Metric> for &'static str {
    fn from(metric: Metric) -> Self {
        match metric {
            Metric::Rotated => "Rotated",
            Metric::Reverted => "Reverted",
            Metric::RotationRefused => "RotationRefused",
            Metric::RotationFailed => "RotationFailed",
        }
    }
}
