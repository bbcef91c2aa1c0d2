//! What the function counts: each record once.

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
    Started: "Executions started.",
    AlreadyStarted: "Records that tell again of what an execution has been started for.",
    Ignored: "Records that are about nobody of this directory, or about nothing that came or went.",
    Refused: "Records of users that must not be onboarded, such as one without a user principal name.",
    Undecodable: "Records and messages that cannot be read.",
    Deferred: "Executions that could not be started in time, or failed to start, and are tried again from the queue.",
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
