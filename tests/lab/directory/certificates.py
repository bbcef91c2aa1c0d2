"""A certificate authority for a domain and the domain controller's certificate (Samba's own has no subject alternative name)."""

import subprocess
from pathlib import Path

from lab.domains import Domain

DAYS = "3650"


def issue(domain: Domain, folder: Path) -> None:
    """Write ca.pem, cert.pem and key.pem. The authority's key is thrown away: nothing else is ever signed."""
    folder.mkdir(parents=True, exist_ok=True)
    request, extensions, authority_key = folder / "request.pem", folder / "extensions", folder / "ca.key"
    names = f"DNS:{domain.dc_host},DNS:{domain.name},IP:{domain.address}"
    extensions.write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n")
    _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", DAYS,
             "-subj", f"/CN=adsteward lab authority for {domain.name}", "-addext", "keyUsage=critical,keyCertSign",
             "-keyout", authority_key, "-out", folder / "ca.pem")
    _openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={domain.dc_host}",
             "-keyout", folder / "key.pem", "-out", request)
    _openssl("x509", "-req", "-in", request, "-CA", folder / "ca.pem", "-CAkey", authority_key, "-CAcreateserial",
             "-days", DAYS, "-extfile", extensions, "-out", folder / "cert.pem")
    (folder / "key.pem").chmod(0o600)
    for leftover in (request, extensions, authority_key):
        leftover.unlink()


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
