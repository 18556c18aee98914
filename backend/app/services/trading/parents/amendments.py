"""An open parent order on other terms: what may be changed, and what must still hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.clock import NS_PER_SECOND, to_ns, utc
from app.domain.money import plain, positive
from app.domain.parent_clocks import frozen, thawed
from app.domain.parents import ParentOrder, Progress
from app.domain.refusals import InvalidValue
from app.services.trading.execution_strategies import ExecutionStrategy
from app.services.trading.execution_strategies.config import CHECK, declarations
from app.services.trading.execution_strategies.terms import instant, offset, time_key, with_config


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What is to be different; None, and a key that is not there, stay as they are. size: in all, what has filled
    included. limit_offset_pct: a new limit, so far beyond the mid of the arrival. end_at: instead of the strategy's
    duration or timeout."""

    size: Decimal | None = None
    price: Decimal | None = None
    limit_offset_pct: Decimal | None = None
    end_at: datetime | None = None
    config: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def changes(self) -> dict[str, Any]:
        """As the journal has it."""
        given = {"size": self.size, "price": self.price, "limit_offset_pct": self.limit_offset_pct}
        found: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if self.end_at is not None:
            found["end_at"] = self.end_at.isoformat()
        return {
            **found,
            **({"config": {key: _said(value) for key, value in self.config.items()}} if self.config else {}),
        }


def _said(value: object) -> object:
    return plain(value) if isinstance(value, Decimal) else value


def amended(
    progress: Progress,
    policy: ExecutionStrategy,
    wanted: Amendment,
    sized: Callable[[ParentOrder], ParentOrder],
    *,
    next_step: int,
    now_ns: int,
) -> tuple[ExecutionStrategy, ParentOrder]:
    """The strategy and the parent with what is wanted, planned anew for what is left of it.

    Children of steps before next_step were made on the old terms. One whose clock stands is amended as if it went on
    now. sized: gives a parent whose size is an amount of quote currency what that comes to. Raises InvalidValue.
    """
    before = progress.parent
    parent = thawed(before, now_ns)
    progress = replace(progress, parent=parent)
    size, quote = _size(progress, wanted, sized)
    price, far = _limit(progress, wanted)
    changed = type(policy)(None, _config(policy, parent, wanted, now_ns))
    InvalidValue.for_first(changed.refusals(size, price, progress.instrument))
    InvalidValue.for_first(changed.given_refusals(wanted.config, size, progress.instrument))
    own_end_ns = changed.end_ns(parent.start_ns)
    end_ns = None if own_end_ns is None else own_end_ns + parent.frozen_total_ns
    if end_ns is not None and end_ns <= now_ns:
        given = "end_at" if wanted.end_at is not None else f"config.{time_key(policy.Config)}"
        raise InvalidValue(given, utc(end_ns).isoformat(), f"is over: it is {utc(now_ns).isoformat()}")
    plan_ns, plan_filled = policy.replanned(progress, now_ns) if now_ns > parent.start_ns else (0, parent.plan_filled)
    after = replace(
        parent,
        size=size,
        quote=quote,
        limit_price=price,
        limit_offset=far,
        config=changed.canonical_config,
        on_restart=changed.config.on_restart,
        end_ns=end_ns,
        amended_step=next_step,
    )
    if _terms(after) == _terms(parent):
        raise InvalidValue("size", plain(size), "nothing would change: give a new size, price, end or config")
    freezes = tuple(each for each in parent.freezes if each[1] > plan_ns)
    after = replace(after, plan_ns=plan_ns, plan_filled=plan_filled, freezes=freezes)
    return changed, after if before.frozen_ns is None else frozen(after, now_ns)


def _terms(parent: ParentOrder) -> tuple[object, ...]:
    return parent.size if parent.quote is None else parent.quote, parent.limit_price, parent.config


def _size(
    progress: Progress, wanted: Amendment, sized: Callable[[ParentOrder], ParentOrder]
) -> tuple[Decimal, Decimal | None]:
    """Its size, and the amount that this is of. Raises InvalidValue for less than has filled or may still fill."""
    parent, left = progress.parent, progress.quote_left
    size = None if wanted.size is None else positive("size", wanted.size)
    if parent.quote is not None and left is not None:
        quote = size or parent.quote
        if quote < parent.quote - left:
            rule = (
                f"must be at least {plain(parent.quote - left)}, what is spent or may still be; a pause takes it back"
            )
            raise InvalidValue("size", f"{plain(quote)} {progress.instrument.quote}", rule)
        return sized(replace(parent, quote=quote)).size, quote
    size = size or parent.size
    if size < progress.committed:
        rule = f"must be at least {plain(progress.committed)}, what has filled or may still fill; a pause takes it back"
        raise InvalidValue("size", plain(size), rule)
    return size, None


def _limit(progress: Progress, wanted: Amendment) -> tuple[Decimal | None, Decimal | None]:
    """The limit price, and how far from the arrival it was asked for."""
    parent, arrival = progress.parent, progress.parent.arrival
    if wanted.limit_offset_pct is None:
        if wanted.price is None:
            return parent.limit_price, parent.limit_offset
        return positive("price", wanted.price), None
    far = offset("limit_offset_pct", wanted.limit_offset_pct)
    if wanted.price is not None:
        raise InvalidValue("limit_offset_pct", plain(far), "goes not with price: give one of them")
    if arrival is None:
        raise InvalidValue("limit_offset_pct", plain(far), "has nothing to go by: its arrival had no usable book")
    buying = parent.side.sign > 0
    return progress.instrument.passive_price(arrival.cap(parent.side, far), buying=buying), far


def _config(policy: ExecutionStrategy, parent: ParentOrder, wanted: Amendment, now_ns: int) -> Mapping[str, object]:
    """The whole configuration. Raises InvalidValue for a key that nobody may change any more."""
    changes = dict(wanted.config)
    end_at = instant("end_at", wanted.end_at)
    if end_at is not None:
        key = time_key(policy.Config)
        if key in changes:
            raise InvalidValue("end_at", end_at.isoformat(), f"goes not with config.{key}: give one of them")
        own_ns = to_ns(end_at) - parent.start_ns - parent.frozen_total_ns
        if to_ns(end_at) <= max(now_ns, parent.start_ns) or own_ns <= 0:
            rule = f"must be after {utc(max(now_ns, parent.start_ns)).isoformat()}"
            raise InvalidValue("end_at", end_at.isoformat(), rule)
        changes[key] = Decimal(own_ns) / NS_PER_SECOND
    config = with_config(parent.config, changes)
    known = declarations(policy.Config)
    after = type(policy)(None, config).config
    for key in changes:
        if not known[key][0].amendable and getattr(after, key) != getattr(policy.config, key):
            raise InvalidValue(key, str(changes[key]), "cannot be amended: cancel it and start another", check=CHECK)
    return config
