//! What the functions count, each outcome once: where it is first written down, or told.

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
    Contained: "Users disabled; the directory has confirmed.",
    Refused: "Findings that nothing may be done about.",
    NeedsPerson: "Findings that a person has to look at.",
    BudgetSpent: "Findings that were not acted on, or not told, because the hour's budget was spent.",
    ResidualAccess: "Containments after which something of the user's access could not be ended.",
    Released: "Users enabled again.",
    ReleaseRefused: "Releases that must not happen.",
    DisabledByOthers: "Users disabled by somebody else.",
    Unreported: "Containments that the witness told, because the responder had not.",
    Approved: "Containments that a person approved.",
    RefusedByPerson: "Containments that a person refused.",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_in_the_readme_and_on_the_dashboard() {
        let readme = include_str!("../../../README.md");
        let template = include_str!("../../../template.yaml");
        for metric in Metric::ALL {
            let name: &str = (*metric).into();
            assert!(readme.contains(&format!("`{name}`")), "README.md does not explain {name}");
            assert!(template.contains(&format!("\"{name}\"")), "the dashboard does not show {name}");
        }
    }
}
