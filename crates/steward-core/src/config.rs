//! Reads a function's configuration once, at start, and reports everything that is wrong with it together.
//!
//! ```
//! use steward_core::config::Variables;
//!
//! let mut variables = Variables::from_pairs([("HOURLY_BUDGET", "many")]);
//! let _budget: Option<u32> = variables.parsed("HOURLY_BUDGET", "a whole number");
//! let _table: Option<String> = variables.text("DECISION_TABLE");
//! let error = variables.finish(Some(())).unwrap_err().to_string();
//! assert!(error.contains("HOURLY_BUDGET") && error.contains("DECISION_TABLE"));
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The function's own name, which Lambda sets.
#[expect(clippy::disallowed_methods, reason = "read once, at start")]
pub fn function_name() -> String {
    std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|_| "unknown".to_owned())
}

/// The environment of a function, and the problems found in it so far.
#[derive(Debug, Default)]
pub struct Variables {
    values: BTreeMap<String, String>,
    problems: Vec<String>,
}

/// Everything that is wrong with a function's environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    problems: Vec<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        let noun = if count == 1 { "problem" } else { "problems" };
        write!(f, "the configuration has {count} {noun}: {}", self.problems.join("; "))?;
        f.write_str(". Correct the stack's parameters and deploy again")
    }
}

impl Variables {
    /// Takes the process's environment.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_env() -> Self {
        Self::from_pairs(std::env::vars())
    }

    /// Takes the given variables: for tests.
    pub fn from_pairs<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let values = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { values, problems: Vec::new() }
    }

    /// A variable that must be there and not be blank.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.values.get(name).map(|value| value.trim()) {
            Some(value) if !value.is_empty() => Some(value.to_owned()),
            Some(_) => self.problem(format!("{name} is empty")),
            None => self.problem(format!("{name} is missing")),
        }
    }

    /// A variable that must be there and parse; `what` tells people what is expected.
    pub fn parsed<T: FromStr>(&mut self, name: &str, what: &str) -> Option<T> {
        let value = self.text(name)?;
        match value.parse() {
            Ok(parsed) => Some(parsed),
            Err(_) => self.problem(format!("{name} is {value:?} but must be {what}")),
        }
    }

    /// A comma-separated list; blanks around the items do not matter and an empty list is allowed.
    pub fn list(&mut self, name: &str) -> Option<Vec<String>> {
        let Some(value) = self.values.get(name) else {
            return self.problem(format!("{name} is missing"));
        };
        Some(value.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
    }

    /// A variable that must be there and counts as it is: blanks, commas, nothing at all.
    pub fn verbatim(&mut self, name: &str) -> Option<String> {
        match self.values.get(name) {
            Some(value) => Some(value.clone()),
            None => self.problem(format!("{name} is missing")),
        }
    }

    /// Notes a problem that only the caller can see, such as two values that do not go together.
    pub fn problem<T>(&mut self, problem: String) -> Option<T> {
        self.problems.push(problem);
        None
    }

    /// Ends the reading: the configuration, which is there when nothing was wrong.
    ///
    /// # Errors
    /// When anything was wrong: one error that names all of it.
    pub fn finish<T>(self, config: Option<T>) -> Result<T, ConfigError> {
        match config {
            Some(config) if self.problems.is_empty() => Ok(config),
            _ => Err(ConfigError { problems: self.problems }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_everything_that_is_wrong_in_one_message() {
        let mut variables = Variables::from_pairs([("A", ""), ("B", "x")]);
        let _ = variables.text("A");
        let _ = variables.parsed::<u32>("B", "a whole number");
        let _ = variables.list("C");
        let error = variables.finish(Some(())).unwrap_err().to_string();
        assert_eq!(
            error,
            "the configuration has 3 problems: A is empty; B is \"x\" but must be a whole number; C is missing. \
             Correct the stack's parameters and deploy again"
        );
    }

    #[test]
    fn takes_a_value_as_it_is_where_every_character_counts() {
        let mut variables = Variables::from_pairs([("C", " ,\"")]);
        assert_eq!(variables.verbatim("C").as_deref(), Some(" ,\""));
        assert_eq!(variables.verbatim("D"), None);
        assert!(variables.finish(Some(())).is_err());
    }

    #[test]
    fn reads_a_list_with_blanks_and_gaps() {
        let mut variables = Variables::from_pairs([("L", " Admin, ,krbtgt ")]);
        assert_eq!(variables.list("L"), Some(vec!["Admin".to_owned(), "krbtgt".to_owned()]));
        assert!(variables.finish(Some(())).is_ok());
    }
}
