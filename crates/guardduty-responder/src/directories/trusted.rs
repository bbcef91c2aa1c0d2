//! The domains of trusted forests: read from their secrets when first needed, and again when one of them refuses our
//! account, whose password may just have been rotated.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_sdk_secretsmanager::Client;
use secrecy::{ExposeSecret, SecretString};
use steward_core::directory::{ClientToken, Directory, DirectoryError, DomainNames, LdapSettings, User};
use steward_core::error::{kind_of, service_text};
use steward_core::ids::UserName;

use super::secret::{ForestError, read};

/// How long what was read is kept: a secret that people correct counts soon.
const KEPT: Duration = Duration::from_secs(300);

/// Makes a directory of what a secret holds. It makes no call.
type Enter<L> = fn(LdapSettings) -> Result<L, DirectoryError>;

/// All trusted domains.
pub struct TrustedForests<L> {
    client: Client,
    arns: Vec<String>,
    enter: Enter<L>,
    kept: Mutex<Option<(Instant, Domains<L>)>>,
}

type Domains<L> = Arc<[Arc<Domain<L>>]>;

/// One of them.
#[derive(Debug)]
struct Domain<L> {
    secret: String,
    names: DomainNames,
    settings: LdapSettings,
    directory: L,
}

impl<L> fmt::Debug for TrustedForests<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustedForests").field("arns", &self.arns).finish_non_exhaustive()
    }
}

impl<L> TrustedForests<L> {
    /// The domains that these secrets describe.
    pub fn new(client: Client, arns: Vec<String>, enter: Enter<L>) -> Self {
        Self { client, arns, enter, kept: Mutex::default() }
    }

    /// Their names, of which none is one of the own domain's.
    ///
    /// # Errors
    /// When a secret cannot be read or used, or a name is there twice.
    pub async fn names(&self, own: &DomainNames) -> Result<Vec<DomainNames>, ForestError> {
        let domains = self.domains().await?;
        for domain in domains.iter() {
            if let Some(name) = common_name(own, &domain.names) {
                let one = "the stack's own directory".to_owned();
                return Err(ForestError::Ambiguous { name, one, other: domain.secret.clone() });
            }
        }
        Ok(domains.iter().map(|domain| domain.names.clone()).collect())
    }

    /// The directory of a domain, if it is one of them.
    ///
    /// # Errors
    /// As [`Self::names`].
    pub async fn of(self: &Arc<Self>, domain: &str) -> Result<Option<TrustedDirectory<L>>, ForestError> {
        let known = find(&self.domains().await?, domain);
        Ok(known.map(|domain| TrustedDirectory { forests: self.clone(), domain }))
    }

    /// What was read before, or what holds now.
    async fn domains(&self) -> Result<Domains<L>, ForestError> {
        let kept = self.kept.lock().ok().and_then(|kept| kept.clone());
        match kept.filter(|(since, _)| since.elapsed() < KEPT) {
            Some((_, domains)) => Ok(domains),
            None => self.read_all().await,
        }
    }

    /// What holds now.
    async fn read_all(&self) -> Result<Domains<L>, ForestError> {
        let mut domains: Vec<Arc<Domain<L>>> = Vec::new();
        for arn in &self.arns {
            let domain = self.read(arn).await?;
            for known in &domains {
                if let Some(name) = common_name(&known.names, &domain.names) {
                    let (one, other) = (known.secret.clone(), domain.secret);
                    return Err(ForestError::Ambiguous { name, one, other });
                }
            }
            domains.push(Arc::new(domain));
        }
        let domains: Domains<L> = domains.into();
        if let Ok(mut kept) = self.kept.lock() {
            *kept = Some((Instant::now(), domains.clone()));
        }
        Ok(domains)
    }

    async fn read(&self, arn: &str) -> Result<Domain<L>, ForestError> {
        let secret = arn.to_owned();
        let answer = self.client.get_secret_value().secret_id(arn).send().await;
        let output = answer.map_err(|error| ForestError::Unread {
            secret: secret.clone(),
            reason: service_text(&error),
            kind: kind_of(&error),
        })?;
        let text = SecretString::from(output.secret_string.unwrap_or_default());
        let unusable = |problem: String| ForestError::Unusable { secret: secret.clone(), problem };
        let (names, settings) = read(&text).map_err(unusable)?;
        let directory = (self.enter)(settings.clone()).map_err(|error| match error {
            DirectoryError::Settings { problem, .. } => unusable(problem),
            error => unusable(error.to_string()),
        })?;
        Ok(Domain { secret, names, settings, directory })
    }
}

/// A name that both have.
fn common_name(one: &DomainNames, other: &DomainNames) -> Option<String> {
    let pairs = [(&one.dns, &other.dns), (&one.netbios, &other.netbios)];
    pairs.into_iter().find(|(one, other)| one.eq_ignore_ascii_case(other)).map(|(_, name)| name.clone())
}

fn find<L>(domains: &Domains<L>, domain: &str) -> Option<Arc<Domain<L>>> {
    domains.iter().find(|known| known.names.dns.eq_ignore_ascii_case(domain)).cloned()
}

/// A trusted domain.
#[derive(Debug)]
pub struct TrustedDirectory<L> {
    forests: Arc<TrustedForests<L>>,
    domain: Arc<Domain<L>>,
}

impl<L: Directory + Clone + Send + Sync> TrustedDirectory<L> {
    /// Asks the domain, and once more with the account of now where it refuses the one that was read before: its password
    /// may just have been rotated. Each wrong password counts towards a lockout.
    async fn ask<T, F>(&self, question: impl Fn(L) -> F) -> Result<T, DirectoryError>
    where
        F: Future<Output = Result<T, DirectoryError>>,
    {
        let refusal = match question(self.domain.directory.clone()).await {
            Err(refusal @ DirectoryError::CredentialsRefused { .. }) => refusal,
            answer => return answer,
        };
        let domains = self.forests.read_all().await.map_err(|error| DirectoryError::Call {
            operation: "reading the account of a trusted domain",
            reason: error.to_string(),
            advice: "",
            kind: error.kind(),
        })?;
        let (before, fresh) = (&self.domain.settings, find(&domains, &self.domain.names.dns));
        let changed = fresh.filter(|fresh| {
            fresh.settings.user != before.user
                || fresh.settings.password.expose_secret() != before.password.expose_secret()
        });
        match changed {
            Some(fresh) => question(fresh.directory.clone()).await,
            None => Err(refusal),
        }
    }
}

impl<L: Directory + Clone + Send + Sync> Directory for TrustedDirectory<L> {
    async fn user(&self, name: &UserName) -> Result<User, DirectoryError> {
        self.ask(|ldap| async move { ldap.user(name).await }).await
    }

    async fn groups(&self, user: &User) -> Result<BTreeSet<String>, DirectoryError> {
        self.ask(|ldap| async move { ldap.groups(user).await }).await
    }

    async fn disable(&self, name: &UserName, token: &ClientToken) -> Result<(), DirectoryError> {
        self.ask(|ldap| async move { ldap.disable(name, token).await }).await
    }

    async fn reset_password(&self, name: &UserName, password: &SecretString) -> Result<(), DirectoryError> {
        self.ask(|ldap| async move { ldap.reset_password(name, password).await }).await
    }

    async fn enable(&self, name: &UserName) -> Result<(), DirectoryError> {
        self.ask(|ldap| async move { ldap.enable(name).await }).await
    }

    async fn domain_names(&self) -> Result<DomainNames, DirectoryError> {
        self.ask(|ldap| async move { ldap.domain_names().await }).await
    }
}

#[cfg(test)]
mod tests;
