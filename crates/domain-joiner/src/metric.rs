//! What the function counts, each outcome once.

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
    Joined: "Instances that have joined the domain.",
    JoinFailed: "Instances that could not be joined.",
    JoinRefused: "Messages that are refused: the account's row does not fit, or the instance is another account's.",
    Left: "Terminated instances of which nothing is left in the directory.",
    Undecodable: "Messages that cannot be read.",
    Unfinished: "Messages that did not come to their end, and go back to the queue.",
    LeaveFailed: "Terminated instances whose computer object could not be removed.",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_in_the_readme() {
        let readme = include_str!("../../../README.md");
        let rows = readme.split("| `domain-joiner` | `Joined`").nth(1).unwrap();
        let rows = format!("`Joined`{}", rows.split("\n\n").next().unwrap());
        for metric in Metric::ALL {
            let name: &str = (*metric).into();
            assert!(rows.contains(&format!("`{name}`")), "README.md does not explain {name}");
        }
    }
}
