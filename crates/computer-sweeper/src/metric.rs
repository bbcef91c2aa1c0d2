//! What the function counts, once a sweep.

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
    SweepLooks: "Instances that domain-joiner was asked to look at again.",
    SweepRemovals: "Computers that domain-joiner was asked to remove.",
    SweepRefused: "Removals that were not asked for: a threshold was passed.",
    PlacesNotSwept: "Accounts and Regions that could not be looked at.",
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
