"""The way to the domain controllers, as an instance in the VPC has it. From elsewhere it cannot be looked at."""

import socket

from preflight import dns
from preflight.check import Check
from preflight.result import could_not_check, ok, problem

# What a joined host with SSSD talks to.
PORTS = {53: "DNS", 88: "Kerberos", 389: "LDAP"}
SECONDS = 2


def _ways(subject):
    if subject.directory is None:
        return
    addresses, domain = subject.directory.get("DnsIpAddrs", []), subject.directory["Name"]
    closed = {address: [port for port in PORTS if not _open(address, port)] for address in addresses}
    if not addresses or all(len(ports) == len(PORTS) for ports in closed.values()):
        yield could_not_check(
            "the domain controllers do not answer from here, as is right outside the directory's VPC",
            "run scripts/doctor on a host in the VPC to have this looked at",
        )
        return
    for address, ports in closed.items():
        if ports:
            names = ", ".join(f"{port} ({PORTS[port]})" for port in ports)
            yield problem(
                f"domain controller {address} does not answer on {names}",
                f"allow these ports to {address} in the directory's security group and in the network ACLs on the way",
            )
        elif not dns.has_controllers(address, domain, SECONDS):
            yield problem(
                f"{address} does not know the domain controllers of {domain}",
                "let the VPC's DHCP options or resolver rule send the domain's names to the directory's DNS addresses: "
                + ", ".join(addresses),
            )
        else:
            yield ok(f"domain controller {address} answers and knows {domain}")


def _open(address, port):
    try:
        with socket.create_connection((address, port), timeout=SECONDS):
            return True
    except OSError:
        return False


CHECKS = (Check("reachability", _ways, needs_stack=False),)
