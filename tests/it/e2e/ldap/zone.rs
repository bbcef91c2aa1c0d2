use super::Asker;
use crate::lab::{command, variable};
use crate::ldif::{change, domain, in_base64, ldap};

const ADDRESS: [u8; 4] = [10, 98, 1, 77];
const OTHER: [u8; 4] = [10, 98, 1, 78];

/// A host in the domain's zone. Gone when dropped.
pub(crate) struct Host(&'static str);

impl Host {
    pub(crate) fn new(name: &'static str, addresses: &[[u8; 4]]) -> Self {
        let host = Self(name);
        ldap("ldapdelete", &[&host.dn()], "");
        let records =
            addresses.iter().map(|address| format!("dnsRecord:: {}\n", in_base64(&record(*address))));
        change(&format!(
            "dn: {}\nchangetype: add\nobjectClass: dnsNode\n{}",
            host.dn(),
            records.collect::<String>()
        ));
        host
    }

    fn dn(&self) -> String {
        let zone = format!("DC={},CN=MicrosoftDNS,DC=DomainDnsZones,{}", variable("AD_DOMAIN"), domain());
        format!("DC={},{zone}", self.0)
    }

    fn name(&self) -> String {
        format!("{}.{}", self.0, variable("AD_DOMAIN"))
    }

    /// What the domain's DNS server answers.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let script = "getent ahostsv4 \"$1\" | sed -n 's/ *STREAM.*//p'";
        let output = command(&["exec", "--", "bash", "-c", script, "look", &self.name()]).output().unwrap();
        let mut found: Vec<_> =
            String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
        found.sort();
        found
    }

    fn forget(&self, address: &str) -> String {
        Asker::leaver().asks(&["forget", &self.name(), address])
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        ldap("ldapdelete", &[&self.dn()], "");
    }
}

/// An A record, MS-DNSP 2.3.2.2.
fn record(address: [u8; 4]) -> Vec<u8> {
    let head = [4, 0, 1, 0, 5, 0xf0, 0, 0, 1, 0, 0, 0, 0, 0, 0x0e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0];
    [&head[..], &address].concat()
}

#[test]
fn a_host_is_forgotten_by_the_dns_server_once_its_own_address_is_removed() {
    let host = Host::new("ldap-dns", &[ADDRESS]);
    assert_eq!(host.addresses(), ["10.98.1.77"]);
    assert_eq!(host.forget("10.98.1.78"), "false");
    assert_eq!(host.addresses(), ["10.98.1.77"]);
    assert_eq!(host.forget("10.98.1.77"), "true");
    assert!(host.addresses().is_empty());
    assert_eq!(host.forget("10.98.1.77"), "false");
}

#[test]
fn another_address_of_a_host_stays() {
    let host = Host::new("ldap-dns-two", &[ADDRESS, OTHER]);
    assert_eq!(host.forget("10.98.1.77"), "true");
    assert_eq!(host.addresses(), ["10.98.1.78"]);
}

#[test]
fn the_domain_controllers_own_name_stays() {
    let host = std::mem::ManuallyDrop::new(Host("dc1"));
    let refused = host.forget(&host.addresses()[0]);
    assert!(refused.starts_with("Permanent: ") && refused.contains("insufficientAccessRights"), "{refused}");
    assert_eq!(host.addresses(), ["10.98.0.1"]);
    assert_eq!(host.forget("10.98.1.77"), "false");
}
