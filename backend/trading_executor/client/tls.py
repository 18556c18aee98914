"""Whom a client believes over TLS, and what it shows of itself, out of files in PEM."""

from __future__ import annotations

import os
import ssl

Name = str | os.PathLike[str]


def tls_files(
    authority: Name | None = None, certificate: Name | None = None, key: Name | None = None
) -> ssl.SSLContext:
    """For `tls=` of a client. authority: who must have signed the server's certificate; None: those that this machine
    believes. certificate, key: what stands in place of an API key. Raises ValueError for files that are none."""
    if (certificate is None) is not (key is None):
        raise ValueError("certificate, key: give both or none")
    try:
        context = ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"authority={authority}: must be a file of certificates in PEM: {_why(error)}") from None
    if certificate is not None:
        try:
            context.load_cert_chain(certificate, key, password=_no_password)
        except (OSError, ssl.SSLError, ValueError) as error:
            rule = f"must be a certificate in PEM, and key={key} its unencrypted private key: {_why(error)}"
            raise ValueError(f"certificate={certificate}: {rule}") from None
    return context


def _no_password() -> bytes:
    """Nobody is asked: an encrypted private key is refused."""
    return b""


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
