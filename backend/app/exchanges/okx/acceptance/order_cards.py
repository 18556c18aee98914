"""Cards on placing, amending and canceling; every order is a minimum buy far below the market, or refused."""

from collections.abc import Callable
from decimal import Decimal

from app.domain.money import plain
from app.domain.orders import AmendOutcome, OrderReport, OrderSide, OrderType, TradeMode, VenueState
from app.exchanges.okx import endpoints
from app.exchanges.okx.acceptance.desk import CannotTell, Desk, Finding, as_assumed, shown
from app.exchanges.port import CancelRequest, CommittedIntent, Outcome, OutcomeKind

BUY = OrderSide.BUY
ACCEPTED, REJECTED = OutcomeKind.ACCEPTED, OutcomeKind.REJECTED
EXPIRED = ("50036", "50037")
BAND_CODES = ("51006", "51116", "51135", "51136", "51137", "51138")
POST_ONLY_CODES = ("51019", "51511")
MONEY_CODES = ("51008", "51119", "51127", "51131")
ROUNDS = 5


def _refused(outcome: Outcome, codes: tuple[str, ...]) -> Finding:
    _not_for_money(outcome, codes)
    return as_assumed(shown(outcome), outcome.kind is REJECTED and outcome.code in codes)


def _not_for_money(outcome: Outcome, codes: tuple[str, ...] = ()) -> None:
    """Raises CannotTell when it was refused for want of money, which says nothing of the question."""
    if outcome.code in MONEY_CODES and outcome.code not in codes:
        raise CannotTell(shown(outcome))


async def taken_id_while_pending(desk: Desk) -> Finding:
    first = await desk.resting()
    name, price = first.request.client_order_id, await desk.far_price(desk.spot)
    again = await desk.exchange.submit(desk.intent(desk.spot, BUY, OrderType.LIMIT, price, client_order_id=name))
    # The adapter takes 51016 for UNKNOWN on purpose: an earlier attempt may be alive.
    return as_assumed(shown(again), again.code == "51016")


async def id_after_cancel(desk: Desk) -> Finding:
    first = await desk.resting()
    await desk.cancel(first)
    await desk.ended(first)
    name, price = first.request.client_order_id, await desk.far_price(desk.spot)
    again = await desk.exchange.submit(desk.intent(desk.spot, BUY, OrderType.LIMIT, price, client_order_id=name))
    return as_assumed(shown(again), again.kind is ACCEPTED)


async def malformed_id(desk: Desk) -> Finding:
    body = {
        "instId": desk.spot.instrument_id,
        "tdMode": desk.mode(desk.spot).value,
        "side": "buy",
        "ordType": "limit",
        "px": str(await desk.far_price(desk.spot)),
        "sz": plain(desk.spot.min_size),
        "clOrdId": f"{desk.draw_id()}-x",
    }
    reply = await desk.rest.send(endpoints.PLACE, body, "")
    row = reply.rows[0] if reply.rows else None
    code, said = (str(row.sCode), row.sMsg or "") if row is not None else (reply.code, reply.message)
    if row is not None and row.ordId:
        await desk.exchange.cancel(CancelRequest(desk.spot.instrument_id, venue_order_id=row.ordId))
    return as_assumed(f"{code} {said}", code == "51000")


async def expired_order(desk: Desk) -> Finding:
    intent = desk.intent(desk.spot, BUY, OrderType.LIMIT, await desk.far_price(desk.spot), expires_in_seconds=-2)
    outcome = await desk.exchange.submit(intent)
    there = await desk.read(intent)
    observed = shown(outcome) + ("" if there is None else ", and yet the order is there")
    return as_assumed(observed, outcome.kind is REJECTED and outcome.code in EXPIRED and there is None)


async def expired_by_rest(desk: Desk) -> Finding:
    body = {
        "instId": desk.spot.instrument_id,
        "tdMode": desk.mode(desk.spot).value,
        "side": "buy",
        "ordType": "limit",
        "px": str(await desk.far_price(desk.spot)),
        "sz": plain(desk.spot.min_size),
        "clOrdId": desk.draw_id(),
    }
    reply = await desk.rest.send(endpoints.PLACE, body, str(desk.exchange.server_time_ns() // 1_000_000 - 2_000))
    row = reply.rows[0] if reply.rows else None
    code = str(row.sCode) if row is not None and row.sCode else reply.code
    return as_assumed(f"{code} {(row.sMsg if row else '') or reply.message}", code in EXPIRED)


async def price_off_the_tick(desk: Desk) -> Finding:
    price = await desk.far_price(desk.spot) + desk.spot.tick / 2
    intent = desk.intent(desk.spot, BUY, OrderType.LIMIT, price)
    outcome = await desk.exchange.submit(intent)
    if outcome.kind is not ACCEPTED:
        _not_for_money(outcome)
        return as_assumed(shown(outcome), outcome.kind is REJECTED)
    report = await desk.read(intent)
    return as_assumed(f"accepted at {report.price if report else '?'} for {price}", False)


async def size_off_the_lot(desk: Desk) -> Finding:
    size = desk.spot.min_size + desk.spot.lot / 2
    outcome = await _far(desk, size)
    return _refused(outcome, ("51121", "51000"))


async def size_below_the_minimum(desk: Desk) -> Finding:
    size = desk.spot.min_size / 2 if desk.spot.min_size / 2 % desk.spot.lot == 0 else desk.spot.min_size - desk.spot.lot
    if size <= 0:
        raise CannotTell(f"the minimum {plain(desk.spot.min_size)} is one lot: nothing is smaller")
    return _refused(await _far(desk, size), ("51020",))


async def _far(desk: Desk, size: Decimal) -> Outcome:
    price = await desk.far_price(desk.spot)
    return await desk.exchange.submit(desk.intent(desk.spot, BUY, OrderType.LIMIT, price, size=size))


async def price_outside_the_band(desk: Desk) -> Finding:
    """Post-only, a buy at half as much again as the market: refused for its price, or canceled, never a trade."""
    return await _post_only_above(desk, Decimal("1.5"), BAND_CODES, frozenset())


async def cancel_what_is_over(desk: Desk) -> Finding:
    intent = await desk.resting()
    await desk.cancel(intent)
    await desk.ended(intent)
    return _refused(await desk.cancel(intent), ("51400", "51401"))


async def cancel_what_never_was(desk: Desk) -> Finding:
    outcome = await desk.exchange.cancel(CancelRequest(desk.spot.instrument_id, client_order_id=desk.draw_id()))
    return _refused(outcome, ("51400", "51603"))


async def amend_result(desk: Desk) -> Finding:
    intent = await desk.resting()
    wanted = (intent.request.price or Decimal(0)) - desk.spot.tick
    name, outcome = await desk.amend(intent, wanted)
    if outcome.kind is not ACCEPTED:
        return as_assumed(shown(outcome), False)
    pushed, waited_ms = await _pushed(desk, intent, lambda report: report.amend_request_id == name)
    if pushed is None:
        return as_assumed("accepted, but no push names the request within 5 s", False)
    observed = f"pushed {waited_ms:.0f} ms after the answer: {pushed.amend_outcome}, price {pushed.price}"
    return as_assumed(observed, (pushed.amend_outcome, pushed.price) == (AmendOutcome.DONE, wanted))


async def _pushed(
    desk: Desk, intent: CommittedIntent, fits: Callable[[OrderReport], bool]
) -> tuple[OrderReport | None, float]:
    async def ask() -> OrderReport | None:
        return next((each for each in desk.heard.of(intent.request.client_order_id) if fits(each)), None)

    return await desk.until(ask, 5)


async def amend_what_is_over(desk: Desk) -> Finding:
    intent = await desk.resting()
    await desk.cancel(intent)
    await desk.ended(intent)
    _, outcome = await desk.amend(intent, (intent.request.price or Decimal(0)) - desk.spot.tick)
    return _refused(outcome, ("51503", "51400"))


async def read_after_write(desk: Desk) -> Finding:
    """How long after the answer a read finds the order; UNKNOWN orders are given 5 s."""
    lags: list[float] = []
    for _ in range(ROUNDS):
        intent = await desk.resting()

        async def ask(intent: CommittedIntent = intent) -> OrderReport | None:
            return await desk.read(intent)

        found, waited_ms = await desk.until(ask, 5)
        lags.append(waited_ms if found is not None else 5_000)
        await desk.cancel(intent)
    observed = f"found after {min(lags):.0f} to {max(lags):.0f} ms, {ROUNDS} orders"
    return as_assumed(observed, max(lags) < 5_000)


async def answer_and_push(desk: Desk) -> Finding:
    """Which comes first; the adapter takes both orders."""
    before = 0
    for _ in range(ROUNDS):
        intent = await desk.resting()
        before += bool(desk.heard.of(intent.request.client_order_id))
        await desk.cancel(intent)
    return as_assumed(f"the push came first {before} times of {ROUNDS}", True)


async def post_only_that_would_take(desk: Desk) -> Finding:
    return await _post_only_above(desk, Decimal("1.005"), POST_ONLY_CODES, frozenset({(VenueState.CANCELED, "31")}))


async def _post_only_above(
    desk: Desk, times: Decimal, codes: tuple[str, ...], endings: frozenset[tuple[VenueState, str]]
) -> Finding:
    """A post-only buy at `times` the ask: refused with one of the codes, or ended as (state, cancelSource)."""
    _, ask = await desk.bid_ask(desk.spot)
    intent = desk.intent(desk.spot, BUY, OrderType.POST_ONLY, desk.spot.passive_price(ask * times, buying=True))
    outcome = await desk.exchange.submit(intent)
    if outcome.kind is not ACCEPTED:
        return _refused(outcome, codes)
    report = await desk.ended(intent)
    observed = f"accepted, then {report.state}, cancelSource {report.cancel_source or '?'}"
    return as_assumed(observed, (report.state, report.cancel_source) in endings)


async def ioc_without_a_match(desk: Desk) -> Finding:
    return await _dies(desk, OrderType.IOC, "14")


async def fok_without_a_match(desk: Desk) -> Finding:
    return await _dies(desk, OrderType.FOK, "13")


async def _dies(desk: Desk, order_type: OrderType, source: str) -> Finding:
    intent = desk.intent(desk.spot, BUY, order_type, await desk.far_price(desk.spot))
    outcome = await desk.exchange.submit(intent)
    if outcome.kind is not ACCEPTED:
        return _refused(outcome, ())
    report = await desk.ended(intent)
    observed = f"accepted, then {report.state}, cancelSource {report.cancel_source or '?'}"
    return as_assumed(observed, (report.state, report.cancel_source) == (VenueState.CANCELED, source))


async def unfilled_cancel_in_history(desk: Desk) -> Finding:
    since_ns = desk.exchange.server_time_ns() - 10**9
    intent = await desk.resting()
    await desk.cancel(intent)
    await desk.ended(intent)

    async def ask() -> OrderReport | None:
        listed = await desk.exchange.order_history(since_ns)
        return next((each for each in listed if each.client_order_id == intent.request.client_order_id), None)

    found, waited_ms = await desk.until(ask, 5)
    return as_assumed(f"listed after {waited_ms:.0f} ms" if found else "not listed within 5 s", found is not None)


async def no_snapshot_of_orders(desk: Desk) -> Finding:
    """Subscribe anew while an order rests: whether the channel tells of it."""
    intent = await desk.resting()
    await desk.exchange.stop()
    desk.heard.orders.clear()
    await desk.exchange.start(desk.heard)
    await desk.clock.sleep(2)
    told = bool(desk.heard.of(intent.request.client_order_id))
    return as_assumed("the channel told of it" if told else "nothing within 2 s", not told)


async def isolated_contracts(desk: Desk) -> Finding:
    swap = desk.contract()
    price = await desk.far_price(swap)
    intent = desk.intent(swap, BUY, OrderType.LIMIT, price, trade_mode=TradeMode.ISOLATED)
    outcome = await desk.exchange.submit(intent)
    _not_for_money(outcome)
    return as_assumed(shown(outcome), outcome.kind is ACCEPTED)
