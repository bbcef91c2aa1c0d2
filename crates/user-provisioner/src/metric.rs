//! What the functions count, each outcome once: where it is told, or first written down.

/// Defines the metrics.
macro_rules! metrics {
    ($($name:ident: $text:literal,)+) => {
        /// A metric in the namespace `adsteward`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Metric {
            $(#[doc = $text] $name,)+
        }

        impl Metric {
            /// Every metric.
            pub const ALL: &[Self] = &[$(Self::$name,)+];
        }

        impl From<Metric> for &'static str {
            fn from(metric: Metric) -> Self {
                match metric { $(Metric::$name => stringify!($name),)+ }
            }
        }
    };
}

metrics! {
    Onboarded: "Users who have every account that the rules give them.",
    OnboardingFailed: "Users who lack an account that the rules give them.",
    OnboardingRefused: "Users who are not to get accounts, or for whom the wait has ended.",
    Suspended: "Users whose accounts were suspended.",
    OffBoarded: "Users whose accounts are gone.",
    OffboardingFailed: "Users of whom something could not be suspended or removed.",
    OffboardingRefused: "Protected users who were disabled or deleted, and keep what they have.",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_in_the_readme() {
        let readme = include_str!("../../../README.md");
        for metric in Metric::ALL {
            let name: &str = (*metric).into();
            assert!(readme.contains(&format!("`{name}`")), "README.md does not explain {name}");
        }
    }
}
