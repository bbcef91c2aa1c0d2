//! Where a rotation's version stands among the staging labels.

use crate::event::VersionId;

/// The staging labels of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Labels {
    /// The version with AWSCURRENT.
    pub current: Option<VersionId>,
    /// The version with AWSPENDING.
    pub pending: Option<VersionId>,
    /// Whether rotation is switched off.
    pub rotation_is_off: bool,
}

/// Where a version stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is AWSCURRENT: its rotation is done.
    Current,
    /// It is AWSPENDING: its rotation goes on.
    Pending,
    /// It is neither, and no other version waits: AWSPENDING is nowhere, or where AWSCURRENT is.
    Free,
    /// It is neither: another version is AWSPENDING.
    Elsewhere(VersionId),
}

impl Labels {
    /// Where a version stands.
    ///
    /// A rotation that ended well may leave AWSPENDING on AWSCURRENT's version (API reference, `RotateSecret`).
    pub fn standing(&self, version: &VersionId) -> Standing {
        if self.current.as_ref() == Some(version) {
            return Standing::Current;
        }
        match &self.pending {
            Some(pending) if pending == version => Standing::Pending,
            Some(pending) if self.current.as_ref() != Some(pending) => Standing::Elsewhere(pending.clone()),
            _ => Standing::Free,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(letter: char) -> VersionId {
        letter.to_string().repeat(32).parse().unwrap()
    }

    #[test]
    fn every_layout_has_a_standing() {
        let (a, t, f) = (version('a'), version('t'), version('f'));
        let cases = [
            (Some(&t), None, Standing::Current),
            (Some(&t), Some(&t), Standing::Current),
            (Some(&t), Some(&f), Standing::Current),
            (Some(&a), Some(&t), Standing::Pending),
            (None, Some(&t), Standing::Pending),
            (Some(&a), None, Standing::Free),
            (Some(&a), Some(&a), Standing::Free),
            (None, None, Standing::Free),
            (Some(&a), Some(&f), Standing::Elsewhere(f.clone())),
            (None, Some(&f), Standing::Elsewhere(f.clone())),
        ];
        for (current, pending, expected) in cases {
            let labels =
                Labels { current: current.cloned(), pending: pending.cloned(), rotation_is_off: false };
            assert_eq!(labels.standing(&t), expected, "{labels:?}");
        }
    }
}
