"""Requests about keys, tokens and what waits for a second person."""

from __future__ import annotations

from collections.abc import Sequence

from trading_executor.client import models
from trading_executor.client.calls.making import APPROVALS, KEYS, ROOT, Amount, Moment, get, unkeyed
from trading_executor.client.wire import Call, given, segment


def keys() -> Call[tuple[models.NamedKey, ...]]:
    """The named keys, oldest first."""
    return get(KEYS, tuple[models.NamedKey, ...], "keys")


def create_key(
    name: str,
    *,
    role: str | None = None,
    scopes: Sequence[str] | None = None,
    instruments: Sequence[str] | None = None,
    strategies: Sequence[str] | None = None,
    max_order_notional: Amount | None = None,
    max_daily_notional: Amount | None = None,
    addresses: Sequence[str] | None = None,
    expires_at: Moment | None = None,
) -> Call[models.NewKey]:
    """Make a key; `secret` is shown this once, so a lost answer is not asked for again."""
    body = given(
        name=name,
        role=role,
        scopes=scopes,
        instruments=instruments,
        strategies=strategies,
        max_order_notional=max_order_notional,
        max_daily_notional=max_daily_notional,
        addresses=addresses,
        expires_at=expires_at,
    )
    return unkeyed(KEYS, models.NewKey, body)


def rotate_key(name: str, *, overlap_seconds: int = 0) -> Call[models.NewKey]:
    """A new key of the same scopes and limits; the old one opens for `overlap_seconds` more."""
    return unkeyed(f"{KEYS}/{segment(name)}/rotate", models.NewKey, {"overlap_seconds": overlap_seconds})


def revoke_key(name: str) -> Call[tuple[models.NamedKey, ...]]:
    """End every key of the name, at once and for ever."""
    return unkeyed(f"{KEYS}/{segment(name)}/revoke", tuple[models.NamedKey, ...], {}, "keys")


def disable_key(name: str) -> Call[tuple[models.NamedKey, ...]]:
    return unkeyed(f"{KEYS}/{segment(name)}/disable", tuple[models.NamedKey, ...], {}, "keys")


def enable_key(name: str) -> Call[tuple[models.NamedKey, ...]]:
    return unkeyed(f"{KEYS}/{segment(name)}/enable", tuple[models.NamedKey, ...], {}, "keys")


def limit_key(
    name: str,
    *,
    instruments: Sequence[str] | None = None,
    strategies: Sequence[str] | None = None,
    max_order_notional: Amount | None = None,
    max_daily_notional: Amount | None = None,
) -> Call[tuple[models.NamedKey, ...]]:
    """Give a key other limits, all of them: what is not given is not limited."""
    body = given(
        instruments=instruments,
        strategies=strategies,
        max_order_notional=max_order_notional,
        max_daily_notional=max_daily_notional,
    )
    return unkeyed(f"{KEYS}/{segment(name)}/limits", tuple[models.NamedKey, ...], body, "keys")


def page_token(*, scopes: Sequence[str] | None = None) -> Call[models.Token]:
    """A short-lived token of this client's key, to be shown as a key by a page."""
    return unkeyed(f"{ROOT}/tokens", models.Token, given(scopes=scopes))


def approvals() -> Call[tuple[models.Approval, ...]]:
    """What was asked of a second person, newest first."""
    return get(APPROVALS, tuple[models.Approval, ...], "approvals")


def confirm_approval(approval_id: str) -> Call[models.Approval]:
    """Let happen what another one asked for."""
    return unkeyed(f"{APPROVALS}/{segment(approval_id)}/confirm", models.Approval, {})


def refuse_approval(approval_id: str, *, reason: str | None = None) -> Call[models.Approval]:
    """Let it not happen."""
    return unkeyed(f"{APPROVALS}/{segment(approval_id)}/refuse", models.Approval, given(reason=reason))
