"""Cards that trade the minimum size, and cards on the dead man's switch."""

from decimal import Decimal

from app.domain.orders import OrderReport, OrderSide, OrderType, TradeMode, VenueState
from app.exchanges.okx import endpoints, wire
from app.exchanges.okx.acceptance.desk import TAG, CannotTell, Desk, Finding, Verdict, as_assumed, shown
from app.exchanges.okx.beyond.algo_orders import AlgoKind, AlgoRequest, Trigger
from app.exchanges.okx.rest import Query
from app.exchanges.port import OutcomeKind

BUY, SELL = OrderSide.BUY, OrderSide.SELL
ACCEPTED = OutcomeKind.ACCEPTED
SWITCH_SECONDS = 10
SWITCH_PAUSE_SECONDS = 1.2
"""OKX takes one request of the switch a second."""

FILL_SECONDS = 10


async def fill_after_filled(desk: Desk) -> Finding:
    """How long after an order reads as filled its fill is listed."""
    intent, outcome = await desk.bought()
    report = await desk.ended(intent)
    if report.state is not VenueState.FILLED:
        raise CannotTell(f"a market order ended {report.state}, cancelSource {report.cancel_source or '?'}")

    async def ask() -> OrderReport | None:
        listed = await desk.exchange.fills(0, venue_order_id=outcome.venue_order_id)
        return listed[0] if listed else None

    found, waited_ms = await desk.until(ask, FILL_SECONDS)
    await desk.sell_back(intent.request.size)
    if found is None or found.fill is None:
        return as_assumed(f"no fill within {FILL_SECONDS} s", False)
    fee = found.fill.fee_currency
    return as_assumed(f"listed after {waited_ms:.0f} ms; fee in {fee}", fee == desk.spot.base)


async def id_after_fill(desk: Desk) -> Finding:
    """The reason why nothing is ever sent twice: the same id buys a second time."""
    first, _ = await desk.bought()
    await desk.ended(first)
    name = first.request.client_order_id
    again = await desk.exchange.submit(desk.intent(desk.spot, BUY, OrderType.MARKET, client_order_id=name))
    await desk.clock.sleep(1)
    await desk.sell_back(first.request.size * (2 if again.kind is ACCEPTED else 1))
    return as_assumed(f"second order {shown(again)}", again.kind is ACCEPTED)


async def cancel_what_filled(desk: Desk) -> Finding:
    intent, _ = await desk.bought()
    await desk.ended(intent)
    outcome = await desk.cancel(intent)
    await desk.sell_back(intent.request.size)
    return as_assumed(shown(outcome), outcome.kind is OutcomeKind.REJECTED and outcome.code == "51400")


async def reduce_only_beyond_the_position(desk: Desk) -> Finding:
    """One minimum of the contract bought, two sold with reduce-only."""
    swap = desk.contract()
    if desk.account.hedged:
        raise CannotTell("in long/short mode closing orders reduce by their nature")
    if any(each.instrument_id == swap.instrument_id and each.size for each in await desk.exchange.positions()):
        raise CannotTell(f"there is a position in {swap.instrument_id} already")
    opened = await desk.exchange.submit(desk.intent(swap, BUY, OrderType.MARKET))
    if opened.kind is not ACCEPTED:
        raise CannotTell(f"a minimum contract could not be bought: {shown(opened)}")
    await desk.clock.sleep(1)
    double = desk.intent(swap, SELL, OrderType.MARKET, size=2 * swap.min_size, reduce_only=True)
    outcome = await desk.exchange.submit(double)
    observed = shown(outcome)
    if outcome.kind is ACCEPTED:
        report = await desk.ended(double)
        observed = f"accepted, {report.state}, {report.filled} of {double.request.size} filled"
    await desk.clock.sleep(1)
    zero = Decimal(0)
    held = sum(
        (each.size for each in await desk.exchange.positions() if each.instrument_id == swap.instrument_id), zero
    )
    if held > 0:
        await desk.exchange.submit(desk.intent(swap, SELL, OrderType.MARKET, size=held, reduce_only=True))
    return as_assumed(f"{observed}; position left {held}", outcome.kind is OutcomeKind.REJECTED)


async def switch_unit(desk: Desk) -> Finding:
    """Armed and at once disarmed, for this check's own tag alone."""
    body = {"timeOut": str(SWITCH_SECONDS), "tag": TAG}
    row = await desk.rest.command(endpoints.CANCEL_ALL_AFTER, body, wire.TriggerRow)
    await desk.clock.sleep(SWITCH_PAUSE_SECONDS)
    await desk.exchange.cancel_all_after(0, TAG)
    digits = len(row.triggerTime or "")
    unit = {10: "seconds", 13: "milliseconds"}.get(digits)
    return as_assumed(f"triggerTime {row.triggerTime!r}: {unit or 'neither s nor ms'}", unit is not None)


async def switch_fires(desk: Desk) -> Finding:
    intent = await desk.resting()
    await desk.exchange.cancel_all_after(SWITCH_SECONDS, TAG)
    report, waited_ms = await _gone(desk, intent.request.client_order_id)
    if report is None:
        await desk.exchange.cancel_all_after(0, TAG)
        return as_assumed(f"the order was still there after {SWITCH_SECONDS + 10} s", False)
    observed = f"canceled after {waited_ms / 1000:.1f} s, cancelSource {report.cancel_source or '?'}"
    return as_assumed(observed, report.cancel_source == "20")


async def _gone(desk: Desk, client_order_id: str) -> tuple[OrderReport | None, float]:
    async def ask() -> OrderReport | None:
        canceled = (each for each in desk.heard.of(client_order_id) if each.state is VenueState.CANCELED)
        return next(canceled, None)

    return await desk.until(ask, SWITCH_SECONDS + 10)


async def switch_and_algo_orders(desk: Desk) -> Finding:
    """An ordinary order and a trigger order of the same tag: which of them the switch takes."""
    price = await desk.far_price(desk.spot)
    intent = await desk.resting()
    mode: TradeMode = desk.mode(desk.spot)
    trigger = Trigger(price, price)
    name = desk.draw_id()
    request = AlgoRequest(name, desk.spot, AlgoKind.TRIGGER, BUY, desk.spot.min_size, mode, trigger=trigger)
    placed = await desk.exchange.algos.submit(request)
    if placed.kind is not ACCEPTED:
        raise CannotTell(f"a trigger order was not accepted: {shown(placed)}")
    await desk.exchange.cancel_all_after(SWITCH_SECONDS, TAG)
    report, _ = await _gone(desk, intent.request.client_order_id)
    if report is None:
        await desk.exchange.cancel_all_after(0, TAG)
        return Finding("the switch did not fire", Verdict.COULD_NOT_TELL)
    await desk.clock.sleep(3)
    algo = await desk.exchange.algos.order(client_order_id=name)
    left = algo is not None and not algo.state.terminal
    return as_assumed("the trigger order stayed" if left else "the trigger order went too", left)


async def trigger_buy_sized_in_base(desk: Desk) -> Finding:
    """A trigger order that buys at market, far below it: may its size be in base, and does OKX keep that?"""
    name, trigger = desk.draw_id(), Trigger(await desk.far_price(desk.spot))
    mode: TradeMode = desk.mode(desk.spot)
    request = AlgoRequest(name, desk.spot, AlgoKind.TRIGGER, BUY, desk.spot.min_size, mode, trigger=trigger)
    outcome = await desk.exchange.algos.submit(request)
    if outcome.kind is not ACCEPTED:
        return as_assumed(shown(outcome), outcome.code == "51281")
    row = await desk.rest.row(Query(endpoints.ALGO_ORDER, {"algoId": outcome.venue_order_id}), wire.AlgoRow)
    return as_assumed(f"accepted; shown as sz {row.sz}, tgtCcy {row.tgtCcy or 'absent'}", False)
