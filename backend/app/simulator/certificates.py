"""A self-signed certificate for the simulator's TLS side: localhost and the loopback addresses, ten years."""

from __future__ import annotations

import datetime
import ipaddress
import os
import ssl
import tempfile
from pathlib import Path

NAMES = ("localhost",)
ADDRESSES = ("127.0.0.1", "::1")


def server_context(certificate: Path | None, key: Path | None, directory: Path | None) -> ssl.SSLContext:
    """TLS context from the given files, else from simulator-cert.pem and -key.pem in `directory`, made if missing."""
    if certificate is None:
        folder = directory or Path(tempfile.mkdtemp(prefix="simulated-okx-"))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        certificate, key = folder / "simulator-cert.pem", folder / "simulator-key.pem"
        if not certificate.exists() or not key.exists():
            make_self_signed(certificate, key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def make_self_signed(certificate: Path, key: Path) -> None:
    """Write a fresh EC key (mode 0600) and its certificate."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "simulated exchange")])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    alternatives: list[x509.GeneralName] = [x509.DNSName(host) for host in NAMES]
    alternatives += [x509.IPAddress(ipaddress.ip_address(address)) for address in ADDRESSES]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate.unlink(missing_ok=True)
    _write(key, pem)
    _write(certificate, made.public_bytes(serialization.Encoding.PEM))


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all; the certificate comes last, so that a kill in between makes both anew."""
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
