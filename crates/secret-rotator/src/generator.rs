//! Makes passwords: Secrets Manager draws them, and what Active Directory would refuse is never used.

use secrecy::{ExposeSecret, SecretString};

use crate::complexity::{self, Weakness};
use crate::error::Error;
use crate::secrets::Secrets;

/// Passwords drawn for one rotation at most: one, and two more in place of refused ones.
const DRAWS: u32 = 3;

/// Fewest characters: below, Active Directory's default policy refuses.
const SHORTEST: u16 = 8;

/// Most characters that `ResetUserPassword` takes.
const LONGEST: u16 = 127;

/// Fewest types of characters of the service's four: what Active Directory's complexity asks for.
const FEWEST_TYPES: usize = 3;

const LOWERCASE: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPERCASE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NUMBERS: &str = "0123456789";
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// What new passwords are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    length: u16,
    excluded: String,
}

impl Recipe {
    /// A recipe for passwords of this length without these characters.
    ///
    /// # Errors
    /// What is wrong with it, and which variable says so.
    pub fn new(length: u16, excluded: &str) -> Result<Self, String> {
        if !(SHORTEST..=LONGEST).contains(&length) {
            return Err(format!("PASSWORD_LENGTH is {length} but must be from {SHORTEST} to {LONGEST}"));
        }
        if !excluded.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
            return Err("EXCLUDED_CHARACTERS has characters that are never used; leave them out".to_owned());
        }
        let recipe = Self { length, excluded: excluded.to_owned() };
        let types = [LOWERCASE, UPPERCASE, NUMBERS, PUNCTUATION];
        if types.iter().filter(|r#type| !recipe.excludes_all(r#type)).count() < FEWEST_TYPES {
            return Err(
                "EXCLUDED_CHARACTERS leaves fewer than 3 of lower case, upper case, digits and punctuation, \
                        which Active Directory refuses"
                    .to_owned(),
            );
        }
        Ok(recipe)
    }

    /// How many characters.
    pub fn length(&self) -> u16 {
        self.length
    }

    /// Which ones are left out.
    pub fn excluded(&self) -> &str {
        &self.excluded
    }

    /// Whether lower case, upper case, digits and punctuation are left out altogether.
    pub fn excluded_types(&self) -> [bool; 4] {
        [LOWERCASE, UPPERCASE, NUMBERS, PUNCTUATION].map(|r#type| self.excludes_all(r#type))
    }

    fn excludes_all(&self, characters: &str) -> bool {
        characters.chars().all(|c| self.excluded.contains(c))
    }

    /// Whether a drawn password is made by this recipe: the service is asked for exactly that, so another answer is
    /// not to be trusted.
    fn made(&self, password: &str) -> bool {
        password.chars().count() == usize::from(self.length)
            && password.chars().all(|c| c.is_ascii_graphic() && !self.excluded.contains(c))
    }
}

/// Draws a password for an account with these names.
///
/// # Errors
/// [`Error::Generator`] when three passwords would be refused; any failure of Secrets Manager.
pub async fn draw<S: Secrets>(
    secrets: &S,
    recipe: &Recipe,
    account: &str,
    names: &[String],
) -> Result<SecretString, Error> {
    let mut weakness = None;
    for _ in 0..DRAWS {
        let password = secrets.random_password(recipe).await?;
        if !recipe.made(password.expose_secret()) {
            return Err(Error::Generator("Secrets Manager's password is not as it was asked for".to_owned()));
        }
        match complexity::check(password.expose_secret(), account, names) {
            Ok(()) => return Ok(password),
            Err(found) => {
                tracing::warn!(draw.weakness = %found, "a drawn password would be refused");
                weakness = Some(found);
            }
        }
    }
    let weakness = weakness.unwrap_or(Weakness::TooFewCategories);
    Err(Error::Generator(format!(
        "Active Directory would refuse {DRAWS} drawn passwords in a row, the last because {weakness}. Raise \
         PasswordLength or exclude fewer characters, then rotate again"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    async fn drawn(draws: &[&str]) -> (Result<SecretString, Error>, usize) {
        let world = World::new();
        world.state().draws = draws.iter().map(|draw| (*draw).to_owned()).collect();
        let recipe = Recipe::new(8, "/@\"'\\").unwrap();
        let password = draw(&world, &recipe, "svc", &["Ann Dot".to_owned()]).await;
        let calls = world.state().calls;
        (password, calls)
    }

    #[tokio::test]
    async fn takes_the_first_password_that_active_directory_takes() {
        let (password, calls) = drawn(&["Abcdefg1"]).await;
        assert_eq!((password.unwrap().expose_secret(), calls), ("Abcdefg1", 1));
        let (password, calls) = drawn(&["Abcann1!", "abcdefgh", "Abcdefg1", "Abcdefg2"]).await;
        assert_eq!((password.unwrap().expose_secret(), calls), ("Abcdefg1", 3));
    }

    #[tokio::test]
    async fn gives_up_for_good_after_the_third_and_shows_none() {
        let (password, calls) = drawn(&["abcdefgh", "abcdefgh", "Abcann1!", "Abcdefg1"]).await;
        let error = password.unwrap_err();
        assert_eq!((error.kind(), calls), (steward_core::error::Kind::Permanent, 3));
        assert!(
            !error.to_string().contains("Abc") && error.to_string().contains("PasswordLength"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn takes_no_password_that_is_not_as_it_was_asked_for() {
        for draw in ["Abcdef1", "Abcdefg1!", "Abcdef1@", "Abcdef 1", "Abcdef1\u{e4}"] {
            assert!(matches!(drawn(&[draw]).await, (Err(Error::Generator(_)), 1)), "{draw}");
        }
    }

    #[test]
    fn leaves_out_types_of_which_nothing_is_left() {
        let recipe = Recipe::new(12, PUNCTUATION).unwrap();
        assert_eq!(recipe.excluded_types(), [false, false, false, true]);
        assert_eq!(Recipe::new(12, "").unwrap().excluded_types(), [false; 4]);
    }
}
