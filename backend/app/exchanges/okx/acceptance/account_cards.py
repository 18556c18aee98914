"""Cards on clock, account, signatures and reads: nothing is placed."""

from app.clock import NS_PER_SECOND
from app.exchanges.errors import ExchangeError
from app.exchanges.okx import endpoints, wire
from app.exchanges.okx.acceptance.desk import Desk, Finding, Verdict, as_assumed
from app.exchanges.okx.rest import Query

CLOCK_OFFSET_MAX_NS = NS_PER_SECOND


async def clock_offset(desk: Desk) -> Finding:
    offset_ns = desk.exchange.time_sync.wall_offset_ns()
    return as_assumed(f"{offset_ns / 1e6:.1f} ms", abs(offset_ns) < CLOCK_OFFSET_MAX_NS)


async def permissions(desk: Desk) -> Finding:
    held = desk.account.permissions
    mode = "long/short" if desk.account.hedged else "net"
    observed = f"{', '.join(sorted(held)) or 'none told'}; level {desk.account.level}, {mode} mode"
    return as_assumed(observed, "trade" in held and "withdraw" not in held)


async def instrument_codes(desk: Desk) -> Finding:
    wanted = {each.instrument_id for each in (desk.spot, desk.swap) if each is not None}
    rows = await desk.rest.rows(Query(endpoints.INSTRUMENTS, {"instType": "SPOT"}), wire.InstrumentRow)
    rows += await desk.rest.rows(Query(endpoints.INSTRUMENTS, {"instType": "SWAP"}), wire.InstrumentRow)
    found = {row.instId: row.instIdCode for row in rows if row.instId in wanted}
    return as_assumed(
        ", ".join(f"{name}: {code!r}" for name, code in sorted(found.items())),
        bool(found) and all(isinstance(code, int) for code in found.values()),
    )


async def encoded_query(desk: Desk) -> Finding:
    """The comma goes over the wire as %2C, and so it is signed."""
    try:
        await desk.rest.rows(Query(endpoints.BALANCE, {"ccy": f"{desk.spot.base},{desk.spot.quote}"}), wire.BalanceRow)
    except ExchangeError as error:
        return as_assumed(str(error), False)
    return as_assumed("accepted", True)


async def stale_timestamp(desk: Desk) -> Finding:
    """A cancel of an order that never was, signed 45 s ago."""
    body = {"instId": desk.spot.instrument_id, "clOrdId": desk.draw_id()}
    reply = await desk.stale_rest.send(endpoints.CANCEL, body, "")
    return as_assumed(f"HTTP {reply.status}, code {reply.code} {reply.message}", reply.code == "50102")


async def sub_code(desk: Desk) -> Finding:
    """A cancel of an order that never was: where a refined code would stand."""
    body = {"instId": desk.spot.instrument_id, "clOrdId": desk.draw_id()}
    reply = await desk.rest.send(endpoints.CANCEL, body, "")
    row = reply.rows[0] if reply.rows else None
    if row is None:
        return Finding(f"code {reply.code} without a row", Verdict.COULD_NOT_TELL)
    observed = f"sCode {row.sCode!r}, subCode {row.subCode!r}"
    if "_" in str(row.sCode):
        return as_assumed(observed, False)
    return Finding(observed, Verdict.AS_ASSUMED if row.subCode is not None else Verdict.COULD_NOT_TELL)


async def book_sequence(desk: Desk) -> Finding:
    book = await desk.exchange.book(desk.spot.instrument_id)
    return as_assumed(f"seqId {book.sequence}" if book.sequence else "no seqId", book.sequence > 0)
