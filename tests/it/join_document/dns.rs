//! The directory's DNS servers: set only where they are needed, for whoever writes resolv.conf on the host.

use std::os::unix::fs::symlink;

use super::sandbox::Sandbox;

const SERVERS: (&str, &str) = ("DnsServers", "10.0.0.10,10.0.1.10");

/// A host whose DNS does not know the domain until something below /etc names the directory's servers.
fn host(test: &str, distribution: &str) -> Sandbox {
    let sandbox = Sandbox::new(test, distribution);
    sandbox.write("state/unknown-domain", "");
    sandbox
}

/// Prepares it; the calls that changed something.
fn prepare(sandbox: &Sandbox) -> Vec<String> {
    let ended = sandbox.run(&[("Action", "prepare"), SERVERS]);
    assert_eq!((ended.word(), ended.code), ("ready", 0), "{ended:?}");
    let changing = ["systemctl re", "netconfig"];
    sandbox.calls().into_iter().filter(|call| changing.iter().any(|start| call.starts_with(start))).collect()
}

#[test]
fn systemd_resolved_is_given_the_servers_for_the_domain_only() {
    for (distribution, file) in [("ubuntu-24.04", "stub-resolv.conf"), ("amazon-linux-2023", "resolv.conf")] {
        let sandbox = host("resolved", distribution);
        let managed = format!("run/systemd/resolve/{file}");
        sandbox.write(&managed, "nameserver 127.0.0.53\n");
        std::fs::remove_file(sandbox.root.join("etc/resolv.conf")).unwrap();
        symlink(sandbox.root.join(&managed), sandbox.root.join("etc/resolv.conf")).unwrap();
        assert_eq!(prepare(&sandbox), ["systemctl restart systemd-resolved"]);
        let text = sandbox.text("etc/systemd/resolved.conf.d/adsteward.conf");
        assert_eq!(text, "[Resolve]\nDNS=10.0.0.10 10.0.1.10\nDomains=~corp.example.test\n");
        assert_eq!(sandbox.text("etc/resolv.conf"), "nameserver 127.0.0.53\n");
    }
}

#[test]
fn network_manager_is_given_the_servers() {
    let sandbox = host("manager", "rhel-9");
    sandbox.write("state/active/NetworkManager", "");
    assert_eq!(prepare(&sandbox), ["systemctl reload NetworkManager"]);
    let text = sandbox.text("etc/NetworkManager/conf.d/adsteward.conf");
    assert_eq!(text, "[global-dns-domain-*]\nservers=10.0.0.10,10.0.1.10\n");
}

#[test]
fn suse_is_given_the_servers_by_netconfig() {
    let sandbox = host("netconfig", "sles-15");
    let before = "NETCONFIG_DNS_POLICY=\"auto\"\nNETCONFIG_DNS_STATIC_SERVERS=\"\"\n";
    sandbox.write("etc/sysconfig/network/config", before);
    assert_eq!(prepare(&sandbox), ["netconfig update -f"]);
    let text = sandbox.text("etc/sysconfig/network/config");
    assert_eq!(text, before.replace("SERVERS=\"\"", "SERVERS=\"10.0.0.10 10.0.1.10\""));
    assert_eq!(sandbox.text("etc/resolv.conf"), "nameserver 10.0.0.10\nnameserver 10.0.1.10\n");
}

#[test]
fn dhclient_keeps_the_servers_over_its_leases() {
    let sandbox = host("dhclient", "amazon-linux-2");
    sandbox.write("etc/dhcp/dhclient.conf", "timeout 300;\n");
    assert_eq!(prepare(&sandbox), [""; 0]);
    let text = sandbox.text("etc/dhcp/dhclient.conf");
    assert!(text.starts_with("timeout 300;\n"), "{text}");
    assert!(text.contains("\nsupersede domain-name-servers 10.0.0.10, 10.0.1.10;\n"), "{text}");
    let resolver = "nameserver 10.0.0.10\nnameserver 10.0.1.10\nnameserver 10.0.0.2\nsearch eu-west-1.compute.internal\n";
    assert_eq!(sandbox.text("etc/resolv.conf"), resolver);
}

#[test]
fn a_host_that_finds_the_domain_keeps_its_dns() {
    let sandbox = Sandbox::new("kept", "amazon-linux-2");
    let before = sandbox.text("etc/resolv.conf");
    assert_eq!(prepare(&sandbox), [""; 0]);
    assert_eq!(sandbox.text("etc/resolv.conf"), before);
}

#[test]
fn without_servers_a_domain_that_dns_does_not_know_is_not_found() {
    let sandbox = host("none", "debian-12");
    let ended = sandbox.run(&[("Action", "prepare")]);
    assert_eq!((ended.word(), ended.code), ("no-domain", 13), "{ended:?}");
}
