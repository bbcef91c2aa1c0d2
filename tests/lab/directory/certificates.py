"""A certificate authority of the lab and the domain controller's certificate (Samba's own has no subject alternative name)."""

import subprocess
from pathlib import Path

from lab.settings import DC_ADDRESS, DC_HOST, DOMAIN

DAYS = "3650"
EXTENSIONS = f"subjectAltName=DNS:{DC_HOST},DNS:{DOMAIN},IP:{DC_ADDRESS}\nextendedKeyUsage=serverAuth\n"


def issue(folder: Path) -> None:
    """Write ca.pem, cert.pem and key.pem. The authority's key is thrown away: nothing else is ever signed."""
    folder.mkdir(parents=True, exist_ok=True)
    request, extensions, authority_key = folder / "request.pem", folder / "extensions", folder / "ca.key"
    extensions.write_text(EXTENSIONS)
    _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", DAYS,
             "-subj", "/CN=adsteward lab authority", "-addext", "keyUsage=critical,keyCertSign",
             "-keyout", authority_key, "-out", folder / "ca.pem")
    _openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={DC_HOST}",
             "-keyout", folder / "key.pem", "-out", request)
    _openssl("x509", "-req", "-in", request, "-CA", folder / "ca.pem", "-CAkey", authority_key, "-CAcreateserial",
             "-days", DAYS, "-extfile", extensions, "-out", folder / "cert.pem")
    (folder / "key.pem").chmod(0o600)
    for leftover in (request, extensions, authority_key):
        leftover.unlink()


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
