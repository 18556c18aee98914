"""Whose single sign-on counts and for what, as the settings declare it: an OpenID issuer, and what its groups may do.

[oidc]
issuer = "https://sso.example"       it signs the tokens, and tells its keys under /.well-known/openid-configuration
audience = "trading-executor"        whom they must be for
claim = "groups"                     where the token says what somebody is; a dot goes into an object
name_claim = "sub"                   where it says who
[oidc.grants]
desk = ["trader"]                    a role, or scopes
office = ["read", "halt"]
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from app.domain.access import ROLES, Grant, Scope
from app.domain.refusals import InvalidValue

PRINCIPAL = "oidc:"
NAME = re.compile(r"[!-~]{1,128}")
TEXT_MAX, GRANTS_MAX = 512, 200


@dataclass(frozen=True, slots=True)
class SignOn:
    """grants: what who has that word in the claim may do; of several all of it."""

    issuer: str
    audience: str
    grants: Mapping[str, frozenset[Scope]]
    claim: str = "groups"
    name_claim: str = "sub"

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "SignOn | None":
        """From the settings; None where nothing is said. Raises InvalidValue naming the key at fault."""
        if not said:
            return None
        if find_spec("authlib") is None:
            raise InvalidValue("oidc", "given", "needs a library: pip install 'trading-executor[oidc]'")
        known = [each.name for each in fields(cls)]
        for key in said:
            if key not in known:
                raise InvalidValue(f"oidc.{key}"[:64], "given", f"is no setting of single sign-on: {', '.join(known)}")
        for key in ("issuer", "audience", "grants"):
            if key not in said:
                raise InvalidValue(f"oidc.{key}", "missing", "is required")
        texts = {key: _text(key, said[key]) for key in known if key in said and key != "grants"}
        return cls(grants=_grants(said["grants"]), **{**texts, "issuer": _address("issuer", texts["issuer"])})

    def grant(self, claims: Mapping[str, Any]) -> Grant | None:
        """What a token gives that this issuer signed; None where it does not say who somebody is."""
        name = _in(claims, self.name_claim)
        if not isinstance(name, str) or not NAME.fullmatch(name):
            return None
        said = _in(claims, self.claim)
        words = said.split() if isinstance(said, str) else said if isinstance(said, list) else ()
        scopes = (self.grants[each] for each in words if isinstance(each, str) and each in self.grants)
        return Grant(f"{PRINCIPAL}{name}", frozenset[Scope]().union(*scopes))


def check_address(text: str) -> bool:
    """Whether what is fetched from there can be trusted to come from there: by TLS, or from this machine."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _loopback(host)))


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _in(claims: Mapping[str, Any], name: str) -> object:
    """By its whole name, which may have dots in it, else through objects."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    return found


def _text(key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > TEXT_MAX or not value.isprintable():
        raise InvalidValue(f"oidc.{key}", str(value)[:64], f"must be text of at most {TEXT_MAX} letters")
    return value


def _address(key: str, text: str) -> str:
    parts = urlsplit(text)
    if not check_address(text) or parts.query or parts.fragment or parts.username:
        rule = "must be the address of an issuer as its tokens say it: https://HOST, or http:// of this machine"
        raise InvalidValue(f"oidc.{key}", text[:64], rule)
    return text


def _grants(said: object) -> dict[str, frozenset[Scope]]:
    if not isinstance(said, Mapping) or not 1 <= len(said) <= GRANTS_MAX:
        raise InvalidValue("oidc.grants", str(said)[:64], f"must be a table of 1 to {GRANTS_MAX} words of the claim")
    return {_text("grants", word): _scopes(f"oidc.grants.{word}"[:64], each) for word, each in said.items()}


def _scopes(at: str, said: object) -> frozenset[Scope]:
    words = [said] if isinstance(said, str) else said
    if not isinstance(words, (list, tuple)) or not words:
        raise InvalidValue(at, str(said)[:64], "must name a role, or scopes")
    found = frozenset[Scope]()
    for each in words:
        if isinstance(each, str) and each in ROLES:
            found |= ROLES[each]
        elif isinstance(each, str) and each in tuple(Scope):
            found |= {Scope(each)}
        else:
            rule = f"must be a role ({', '.join(ROLES)}) or scopes ({', '.join(Scope)})"
            raise InvalidValue(at, str(each)[:64], rule)
    return found
