use super::launched::Launched;
use super::object::{named, with_sid};
use crate::lab::variable;
use crate::ldap::zone::Host as Zone;

#[test]
fn an_instance_joins_when_it_is_launched_and_its_object_and_dns_record_go_when_it_is_terminated() {
    let other = Launched::joined(&[]);
    let instance = Launched::with(&[]);
    let item = instance.until("joined");
    let (name, sid) = (item["name"].as_str().unwrap(), item["sid"].as_str().unwrap());
    assert_eq!(named(name), [format!("CN={name},{}", variable("JOIN_OU"))]);
    assert_eq!(with_sid(sid), named(name), "the recorded SID is that of the real object");
    assert!(instance.sh("id martha.rivera@corp.example.test").contains("engineering"));
    instance.sh(&format!("kinit -k -c MEMORY: '{name}$'"));
    let zone = Zone::new(name.to_owned().leak(), &[address(&item)]);
    assert_eq!(zone.addresses().len(), 1);

    instance.terminate();

    let item = instance.until("left");
    assert_eq!(item["sid"], sid);
    assert_eq!((named(name), with_sid(sid)), (vec![], vec![]));
    assert!(zone.addresses().is_empty(), "its DNS record is gone");
    assert_eq!(named(&other.name()).len(), 1, "the other one's object is not");
    other.sh(&format!("kinit -k -c MEMORY: '{}$'", other.name()));
}

pub(super) fn address(item: &serde_json::Value) -> [u8; 4] {
    item["address"].as_str().unwrap().parse::<std::net::Ipv4Addr>().unwrap().octets()
}
