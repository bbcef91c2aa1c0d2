//! Which services a user gets: the first rule whose group he is in.
//!
//! ```json
//! [{"group": "Engineering", "services": ["workspaces"], "bundle": "wsb-0123456789"},
//!  {"group": "*", "services": ["workspaces", "connect"]}]
//! ```

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The group that everybody is in.
const EVERYBODY: &str = "*";

/// One rule of `ONBOARDING_RULES`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// The AD group, or `*`.
    pub group: String,
    /// The services.
    pub services: Vec<String>,
    /// Another bundle than `WORKSPACES_BUNDLE_ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
    /// Another routing profile than `CONNECT_ROUTING_PROFILE_ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_profile: Option<String>,
    /// Other security profiles than `CONNECT_SECURITY_PROFILE_IDS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_profiles: Option<Vec<String>>,
}

/// The rules in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// Reads `ONBOARDING_RULES`; an empty text is the rule that everybody gets every `enabled` service.
    ///
    /// # Errors
    /// What is wrong, in words for who deploys.
    pub fn read(text: &str, enabled: &[String]) -> Result<Self, String> {
        if text.trim().is_empty() {
            let everybody = Rule {
                group: EVERYBODY.to_owned(),
                services: enabled.to_vec(),
                bundle: None,
                routing_profile: None,
                security_profiles: None,
            };
            return Ok(Self(vec![everybody]));
        }
        let rules: Vec<Rule> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        for rule in &rules {
            if rule.group.trim().is_empty() {
                return Err("a rule names no group".to_owned());
            }
            for service in &rule.services {
                if !enabled.contains(service) {
                    return Err(format!(
                        "the rule for {} names the service {service}, which has no parameters here (there are: {})",
                        rule.group,
                        enabled.join(", ")
                    ));
                }
            }
        }
        Ok(Self(rules))
    }

    /// The first rule for a member of these groups, which are in lower case.
    pub fn of(&self, groups: &BTreeSet<String>) -> Option<&Rule> {
        self.0.iter().find(|rule| rule.group == EVERYBODY || groups.contains(&rule.group.to_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enabled() -> Vec<String> {
        vec!["workspaces".to_owned(), "connect".to_owned()]
    }

    fn groups(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn without_rules_everybody_gets_every_service_as_in_the_article() {
        for text in ["", " \n"] {
            let rules = Rules::read(text, &enabled()).unwrap();
            assert_eq!(rules.of(&groups(&[])).unwrap().services, enabled());
        }
    }

    #[test]
    fn the_first_rule_that_fits_counts_and_groups_compare_without_regard_to_case() {
        let text = r#"[{"group":"Engineering","services":["workspaces"],"bundle":"wsb-0123456789"},
                       {"group":"Agents","services":["connect"],"routingProfile":"r","securityProfiles":["s"]}]"#;
        let rules = Rules::read(text, &enabled()).unwrap();
        assert_eq!(rules.of(&groups(&["agents", "engineering"])).unwrap().group, "Engineering");
        let agents = rules.of(&groups(&["agents"])).unwrap();
        assert_eq!(agents.routing_profile.as_deref(), Some("r"));
        assert_eq!(rules.of(&groups(&["others"])), None);
    }

    #[test]
    fn a_rule_that_cannot_work_is_said_before_anybody_is_onboarded() {
        for (text, word) in [
            (r#"[{"group":"A","services":["mail"]}]"#, "mail"),
            (r#"[{"group":" ","services":[]}]"#, "no group"),
            (r#"[{"group":"A","services":[],"bundel":"x"}]"#, "bundel"),
            ("{}", "sequence"),
        ] {
            let error = Rules::read(text, &enabled()).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
