//! Any Active Directory, over LDAPS: AWS Managed Microsoft AD too, for what AWS's own interfaces do not offer.
//!
//! Each operation has a connection and a deadline of its own: a function sleeps between two invocations, and its
//! connections die meanwhile. Referrals are never followed: our credentials go to the domain's controllers only.

mod computers;
mod controllers;
mod dns;
mod entry;
mod failure;
mod session;
mod users;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret, SecretString};

pub use computers::Computer;

use super::DirectoryError;

/// LDAPS. The global catalogue (3269) has only a part of each object, and cannot be written to.
const PORT: u16 = 636;
/// For all that an operation does, at all domain controllers together.
const OPERATION: Duration = Duration::from_secs(20);
/// For a domain controller to accept connection and credentials.
const CONNECT: Duration = Duration::from_secs(4);

/// How a domain is reached by LDAP.
#[derive(Debug, Clone)]
pub struct LdapSettings {
    /// The domain's DNS name. The certificate of each domain controller must carry it.
    pub domain: String,
    /// The domain controllers, in the order in which they are asked.
    pub controllers: Vec<IpAddr>,
    /// The authorities that issue the domain controllers' certificates, in PEM. No other is trusted.
    pub ca_pem: String,
    /// The account that asks: its `sAMAccountName`, a user principal name, or `DOMAIN\name`.
    pub user: String,
    /// Its password.
    pub password: SecretString,
}

/// A domain, asked by LDAP.
#[derive(Clone)]
pub struct LdapDirectory {
    /// In lower case.
    domain: String,
    base: String,
    user: String,
    password: SecretString,
    controllers: Vec<SocketAddr>,
    tls: Arc<ClientConfig>,
    operation: Duration,
    connect: Duration,
}

impl LdapDirectory {
    /// The domain of these settings. Makes no call.
    ///
    /// # Errors
    /// [`DirectoryError::Settings`] when one of them cannot be used.
    pub fn new(settings: LdapSettings) -> Result<Self, DirectoryError> {
        let unusable =
            |problem: String| DirectoryError::Settings { domain: settings.domain.clone(), problem };
        let domain = settings.domain.to_ascii_lowercase();
        if !is_dns_name(&domain) {
            return Err(unusable("it is not the DNS name of a domain".to_owned()));
        }
        if settings.controllers.is_empty() {
            return Err(unusable("no domain controller is known".to_owned()));
        }
        // Who binds with a name and an empty password is let in as nobody (RFC 4513, 5.1.2).
        if settings.user.is_empty() || settings.password.expose_secret().is_empty() {
            return Err(unusable("the account that asks has no name or no password".to_owned()));
        }
        let tls = trust(&settings.ca_pem).map_err(unusable)?;
        let user = match settings.user.contains(['@', '\\']) {
            true => settings.user,
            false => format!("{}@{domain}", settings.user),
        };
        Ok(Self {
            base: domain.split('.').map(|label| format!("DC={label}")).collect::<Vec<_>>().join(","),
            domain,
            user,
            password: settings.password,
            controllers: settings.controllers.into_iter().map(|ip| SocketAddr::new(ip, PORT)).collect(),
            tls: Arc::new(tls),
            operation: OPERATION,
            connect: CONNECT,
        })
    }
}

impl fmt::Debug for LdapDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LdapDirectory").field("domain", &self.domain).finish_non_exhaustive()
    }
}

/// Whether a text can stand in a certificate, in a URL and in a distinguished name as it is.
fn is_dns_name(text: &str) -> bool {
    let label = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    text.contains('.')
        && text.split('.').all(label)
        && matches!(ServerName::try_from(text), Ok(ServerName::DnsName(_)))
}

/// TLS that trusts these authorities and no other.
fn trust(ca_pem: &str) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
        let certificate = certificate.map_err(|error| format!("its authorities are not PEM: {error}"))?;
        roots
            .add(certificate)
            .map_err(|error| format!("one of its authorities is no certificate: {error}"))?;
    }
    if roots.is_empty() {
        return Err("its authorities hold no certificate in PEM".to_owned());
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
