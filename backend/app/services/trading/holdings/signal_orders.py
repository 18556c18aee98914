"""The order that a signal becomes. Stands between signals and OrderParams, for the executor and for the risk check.

Nothing is rounded but the size of a CLOSE, which is what is held, down to the lot.
"""

from decimal import Decimal

from app.clock import NS_PER_SECOND, to_ns
from app.domain.decisions import Decision
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ZERO, plain
from app.domain.orders import OrderSide, OrderType, PositionKey, PositionSide
from app.domain.refusals import InvalidValue
from app.services.trading.account.ledger import Ledger
from app.services.trading.holdings.held import held_against, held_for
from app.services.trading.holdings.position_choice import closed_by, moved_by
from app.services.trading.schemas import OrderParams
from app.strategies.signals import Signal, SignalType

CLOCKS_APART_NS = 60 * NS_PER_SECOND
"""So far the clock of who decided may be ahead of ours."""


def decision_of(signal: Signal, now_ns: int) -> Decision:
    """When and at which price it was decided; when it is executed, where it does not say. Raises InvalidValue."""
    if signal.decision_at is None:
        return Decision(now_ns, signal.decision_price)
    at_ns = to_ns(signal.decision_at)
    if at_ns > now_ns + CLOCKS_APART_NS:
        raise InvalidValue("decision_at", signal.decision_at.isoformat(), "must not lie in the future", check="signal")
    return Decision(at_ns, signal.decision_price)


def signal_orders(ledger: Ledger, signal: Signal, strategy_id: str | None = None) -> list[OrderParams]:
    """The order for a signal; none for HOLD, one for each side and mode that a CLOSE ends, the largest first.

    A signal with a price becomes a limit order at it, one without a market order; position_choice.py says which side
    and mode it moves. CLOSE ends the position (of the strategy, when strategy_id is given), or `size` of it, less what
    open orders of the closing side may still fill. Raises InvalidValue for an instrument that the venue does not list,
    a side or mode that the account does not keep, and when there is nothing to close.
    """
    if signal.type is SignalType.HOLD:
        return []
    instrument = ledger.instrument(signal.instrument_id)
    if signal.type is SignalType.CLOSE:
        return _closing(ledger, instrument, signal, strategy_id)
    side = OrderSide.BUY if signal.type is SignalType.BUY else OrderSide.SELL
    assert signal.size is not None  # Signal refuses to be made without
    return [_params(signal, side, signal.size, moved_by(ledger, signal), strategy_id)]


def signal_payload(signal: Signal, strategy_id: str | None) -> dict[str, object]:
    """The signal as its event in the journal has it."""
    more = {
        "take_profit": signal.take_profit,
        "stop_loss": signal.stop_loss,
        "decision_at": signal.decision_at,
        "decision_price": signal.decision_price,
    }
    return {
        "type": signal.type.value,
        "instrument_id": signal.instrument_id,
        "price": signal.price,
        "size": signal.size,
        "confidence": signal.confidence,
        "metadata": dict(signal.metadata),
        "position_side": signal.position_side,
        "trade_mode": signal.trade_mode,
        "strategy_id": strategy_id,
        **{name: value for name, value in more.items() if value is not None},
    }


def _params(
    signal: Signal,
    side: OrderSide,
    size: Decimal,
    key: PositionKey,
    strategy_id: str | None,
    *,
    only_reduces: bool = False,
) -> OrderParams:
    return OrderParams(
        instrument_id=key.instrument_id,
        side=side,
        order_type=OrderType.MARKET if signal.price is None else OrderType.LIMIT,
        size=size,
        price=signal.price,
        trade_mode=key.mode,
        position_side=key.side,
        reduce_only=only_reduces,
        strategy_id=strategy_id,
    )


def _closing(ledger: Ledger, instrument: Instrument, signal: Signal, strategy_id: str | None) -> list[OrderParams]:
    """One order for each position that is meant; one in which nothing is left ends only a CLOSE that means no other."""
    orders: list[OrderParams] = []
    nothing_left: list[InvalidValue] = []
    for key in closed_by(ledger, signal, strategy_id):
        try:
            orders.append(_close_one(ledger, instrument, key, signal, strategy_id))
        except InvalidValue as error:
            nothing_left.append(error)
    if not orders:
        nothing = InvalidValue("signal", "close", f"there is no position in {instrument.instrument_id} to close")
        raise nothing_left[0] if nothing_left else nothing
    return orders


def _close_one(
    ledger: Ledger, instrument: Instrument, key: PositionKey, signal: Signal, strategy_id: str | None
) -> OrderParams:
    instrument_id, spot = instrument.instrument_id, instrument.kind is InstrumentKind.SPOT
    net = not spot and key.side is PositionSide.NET
    own = ledger.strategy_size(strategy_id, key) if net and strategy_id is not None else ZERO
    side = OrderSide.BUY if not spot and (own or ledger.fold(key).position.size) < 0 else OrderSide.SELL
    at_exchange = held_for(ledger, key, side, reduce_only=net)
    there = held_for(
        ledger,
        key,
        side,
        reduce_only=net,
        book_of=strategy_id,
        ours=spot,
    )
    assert there is not None  # a closing order only reduces
    if own and strategy_id is not None:
        there = held_against(ledger, key, side, strategy_id)
    left = there.free
    if spot and there.total <= 0:
        raise InvalidValue("signal", "close", _nothing_ours(ledger, instrument, strategy_id))
    if signal.size is not None:
        left = min(left, signal.size)
    closable = instrument.floor_size(max(left, ZERO))
    if closable <= 0 or (spot and closable < instrument.min_size):
        rule = f"too little of {instrument_id} is left to close: {plain(left)}, open orders counted as filled"
        raise InvalidValue("signal", "close", rule)
    assert at_exchange is not None
    return _params(signal, side, closable, key, strategy_id, only_reduces=net and closable <= at_exchange.free)


def _nothing_ours(ledger: Ledger, instrument: Instrument, strategy_id: str | None) -> str:
    holding = ledger.assets.of(instrument.base)
    whose = "there is no position" if strategy_id is None else f"strategy {strategy_id} holds no position"
    rule = f"{whose} in {instrument.instrument_id} to close"
    if strategy_id is None and holding.unattributed > 0:
        rule += f"; {plain(holding.unattributed)} {instrument.base} is unattributed, which only flatten with all sells"
    return rule
