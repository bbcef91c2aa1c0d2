"""Install what the lab needs: Debian packages and the virtual environment. Runs on the standard library alone."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

LAB = Path(__file__).resolve().parents[2] / ".lab"
REQUIREMENTS = Path(__file__).resolve().parent / "requirements.txt"

# What the lab runs, and the Debian/Ubuntu package that holds it.
FILES = {
    "/usr/sbin/samba": "samba",
    "/usr/share/samba/setup/provision.ldif": "samba-ad-provision",
    "/usr/bin/samba-tool": "samba-common-bin",
    "/usr/lib/*/samba/ldb/samba_dsdb.so": "samba-dsdb-modules",
    "/usr/lib/*/samba/vfs/acl_xattr.so": "samba-vfs-modules",
    "/usr/sbin/adcli": "adcli",
    "/usr/lib/*/sasl2/libgssapiv2.so": "libsasl2-modules-gssapi-mit",
    "/usr/sbin/sssd": "sssd-common",
    "/usr/lib/*/sssd/libsss_ad.so": "sssd-ad",
    "/usr/lib/*/libnss_sss.so.2": "libnss-sss",
    "/usr/lib/*/security/pam_sss.so": "libpam-sss",
    "/usr/lib/*/libsss_nss_idmap.so.0": "libsss-nss-idmap0",
    "/usr/bin/kinit": "krb5-user",
    "/usr/sbin/krb5kdc": "krb5-kdc",
    "/usr/sbin/kadmin.local": "krb5-admin-server",
    "/usr/bin/ldapsearch": "ldap-utils",
    "/usr/bin/openssl": "openssl",
    "/usr/bin/zstd": "zstd",
    "/usr/bin/sudo": "sudo",
    "/*bin/ip": "iproute2",
    "/*bin/mount": "mount",
    "/*bin/hostname": "hostname",
    "/usr/bin/nsenter": "util-linux",
}

# Keeps apt from starting daemons on the host: the lab runs its own in a namespace.
POLICY = Path("/usr/sbin/policy-rc.d")
# The daemons that come with the packages; they would start with the machine from now on.
DAEMONS = {"samba": ("smbd", "nmbd", "samba-ad-dc"), "winbind": ("winbind",), "sssd-common": ("sssd",),
           "krb5-kdc": ("krb5-kdc",), "krb5-admin-server": ("krb5-admin-server",)}


class BootstrapError(Exception):
    """Something is missing that cannot be installed from here; the text says what to do."""


def main() -> int:
    try:
        if sys.version_info < (3, 11):
            raise BootstrapError(f"the lab needs Python 3.11 or later; python3 is {sys.version.split()[0]}")
        install_packages()
        install_environment()
        (LAB / "venv" / ".bootstrapped").write_text(digest(REQUIREMENTS, Path(__file__)))
    except (BootstrapError, subprocess.CalledProcessError) as error:
        print(f"scripts/lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("scripts/lab: interrupted", file=sys.stderr)
        return 130
    return 0


def missing_packages() -> "list[str]":
    return [package for pattern, package in FILES.items() if not any(Path("/").glob(pattern.lstrip("/")))]


def install_packages() -> None:
    """Install the packages whose files are missing, with apt; elsewhere name them."""
    missing = missing_packages()
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise BootstrapError(
            "the lab needs these (Debian names): " + " ".join(missing) + "; install your distribution's packages for "
            + ", ".join(pattern for pattern, package in FILES.items() if package in missing)
        )
    install_with_apt(missing)
    still = missing_packages()
    if still:
        raise BootstrapError("installed, but their files were not found: " + " ".join(still))


def install_with_apt(packages: "list[str]") -> None:
    """Install packages; no daemon of theirs runs, now or after the next boot."""
    print("installing packages: " + " ".join(packages), file=sys.stderr)
    strangers = [name for package, names in DAEMONS.items() if not installed(package) for name in names]
    guarded = not POLICY.exists()
    try:
        if guarded:
            as_root(["sh", "-c", f"printf '#!/bin/sh\\nexit 101\\n' >{POLICY}; chmod 755 {POLICY}"])
        as_root(["apt-get", "-qq", "update"])
        as_root(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y", "-o", "Dpkg::Use-Pty=0",
                 "install", "--no-install-recommends", *packages])
    finally:
        if guarded:
            as_root(["rm", "-f", str(POLICY)])
    for name in strangers:
        if Path("/etc/init.d", name).exists():
            as_root(["update-rc.d", name, "disable"])


def installed(package: str) -> bool:
    return subprocess.run(["dpkg", "-s", package], capture_output=True).returncode == 0


def as_root(command: "list[str]") -> None:
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            raise BootstrapError("root is needed for: " + " ".join(command) + "; run it as root, then try again")
        command = ["sudo", *command]
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ended.returncode != 0:
        raise BootstrapError(f"this failed: {' '.join(command)}\n{ended.stdout.rstrip()}")


def install_environment() -> None:
    """Make `.lab/venv` hold exactly requirements.txt, each package checked by hash."""
    stamp = LAB / "venv" / ".requirements"
    wanted = digest(REQUIREMENTS)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("installing the lab's Python packages (once; a minute or two)", file=sys.stderr)
    LAB.mkdir(exist_ok=True)
    shutil.rmtree(LAB / "venv", ignore_errors=True)
    create_environment(LAB / "venv")
    subprocess.run(
        [LAB / "venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--only-binary", ":all:", "--require-hashes", "--requirement", REQUIREMENTS],
        check=True, stdout=sys.stderr,
    )
    link_tools()
    stamp.write_text(wanted)


def digest(*files: Path) -> str:
    """What `cat FILES | sha256sum` prints."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest() + "  -\n"


def create_environment(where: Path) -> None:
    command = [sys.executable, "-m", "venv", str(where)]
    if subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0:
        return
    if not shutil.which("apt-get"):
        raise BootstrapError("python3 cannot make virtual environments; install its venv module")
    install_with_apt(["python3-venv"])
    subprocess.run(command, check=True)


def link_tools() -> None:
    """`.lab/bin` has the tools that `exec` offers, without the rest of the virtual environment."""
    tools = LAB / "bin"
    tools.mkdir(exist_ok=True)
    for name in ("aws", "sam"):
        link = tools / name
        link.unlink(missing_ok=True)
        link.symlink_to(f"../venv/bin/{name}")


if __name__ == "__main__":
    sys.exit(main())
