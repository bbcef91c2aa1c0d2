//! From a KDC's name to its addresses.

use std::net::{IpAddr, SocketAddr};

use tokio::net::lookup_host;

use crate::Reason;

const KERBEROS_PORT: u16 = 88;

/// All addresses of a KDC given as a host name or an IP address, with or without a port.
pub(crate) async fn resolve(kdc: &str) -> Result<Vec<SocketAddr>, Reason> {
    if let Some(address) = literal(kdc) {
        return Ok(vec![address]);
    }
    let mut addresses: Vec<_> = lookup_host(host_and_port(kdc)).await.map_err(|_| Reason::Dns)?.collect();
    addresses.dedup();
    if addresses.is_empty() { Err(Reason::Dns) } else { Ok(addresses) }
}

fn literal(kdc: &str) -> Option<SocketAddr> {
    let bare = kdc.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(kdc);
    kdc.parse().ok().or_else(|| bare.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, KERBEROS_PORT)))
}

fn host_and_port(kdc: &str) -> (&str, u16) {
    match kdc.rsplit_once(':') {
        Some((host, port)) => port.parse().map_or((kdc, KERBEROS_PORT), |port| (host, port)),
        None => (kdc, KERBEROS_PORT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_addresses_with_and_without_a_port() {
        let check =
            |kdc: &str, expected: &str| assert_eq!(literal(kdc).unwrap().to_string(), expected, "{kdc}");
        check("10.0.1.10", "10.0.1.10:88");
        check("10.0.1.10:8088", "10.0.1.10:8088");
        check("fd00::10", "[fd00::10]:88");
        check("[fd00::10]", "[fd00::10]:88");
        check("[fd00::10]:8088", "[fd00::10]:8088");
    }

    #[test]
    fn takes_names_with_and_without_a_port() {
        assert_eq!(host_and_port("dc1.corp.example.test"), ("dc1.corp.example.test", 88));
        assert_eq!(host_and_port("dc1.corp.example.test:8088"), ("dc1.corp.example.test", 8088));
        assert_eq!(host_and_port("dc1:kerberos"), ("dc1:kerberos", 88));
        assert!(literal("dc1.corp.example.test").is_none());
    }
}
