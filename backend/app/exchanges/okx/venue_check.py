"""venue-check: numbered acceptance cards, each an experiment on what the adapter takes for granted of OKX.

Runs them one after the other on one account with minimum sizes, and tidies up after each. What nobody could confirm
from documentation is settled here by whoever has keys.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, replace

import structlog

from app.clock import NS_PER_SECOND, Clock
from app.domain.instruments import Instrument
from app.exchanges.errors import ExchangeError, ExchangeRefused
from app.exchanges.okx.acceptance import account_cards, order_cards, trade_cards
from app.exchanges.okx.acceptance.desk import TAG, CannotTell, Card, Desk, Finding, Heard, Verdict
from app.exchanges.okx.adapter import OkxExchange
from app.exchanges.okx.aiohttp_transport import AiohttpTransport
from app.exchanges.okx.config import OkxConfig
from app.exchanges.okx.rate_limits import RateLimits
from app.exchanges.okx.rest import RestClient
from app.exchanges.okx.signing import Signer
from app.exchanges.okx.time_sync import TimeSync
from app.exchanges.okx.transport import Transport

CARD_SECONDS = 60
STALE_NS = 45 * NS_PER_SECOND
PAUSE_SECONDS = 0.2

log = structlog.get_logger(__name__)

CARDS: tuple[Card, ...] = tuple(
    Card(number, title, assumed, run)
    for number, (title, assumed, run) in enumerate(
        (
            ("clock: OKX's less ours", "below 1 s", account_cards.clock_offset),
            ("account and key", "may trade, may not withdraw", account_cards.permissions),
            ("instIdCode of the instruments", "there, an integer", account_cards.instrument_codes),
            ("signature over an encoded query", "accepted: the raw path is signed", account_cards.encoded_query),
            ("request signed 45 s ago", "50102", account_cards.stale_timestamp),
            ("refined code of a refusal", "in subCode, beside sCode", account_cards.sub_code),
            ("seqId in a book read by REST", "there", account_cards.book_sequence),
            ("clOrdId of a pending order again", "51016", order_cards.taken_id_while_pending),
            ("clOrdId of a canceled order again", "accepted", order_cards.id_after_cancel),
            ("clOrdId with a hyphen", "51000", order_cards.malformed_id),
            ("expTime over, WebSocket", "50036 or 50037, no order", order_cards.expired_order),
            ("expTime over, REST", "50036 or 50037", order_cards.expired_by_rest),
            ("price off the tick", "rejected, not rounded", order_cards.price_off_the_tick),
            ("size off the lot", "51121", order_cards.size_off_the_lot),
            ("size below the minimum", "51020", order_cards.size_below_the_minimum),
            ("price outside the band", "51006 or its kin", order_cards.price_outside_the_band),
            ("cancel of a canceled order", "51400", order_cards.cancel_what_is_over),
            ("cancel of an order that never was", "51400", order_cards.cancel_what_never_was),
            ("result of an amend", "a push with reqId and amendResult 0", order_cards.amend_result),
            ("amend of a canceled order", "51503", order_cards.amend_what_is_over),
            ("read after write", "found within 5 s", order_cards.read_after_write),
            ("answer and push", "in either order", order_cards.answer_and_push),
            ("post-only that would take", "canceled with source 31", order_cards.post_only_that_would_take),
            ("IOC without a match", "canceled with source 14", order_cards.ioc_without_a_match),
            ("FOK without a match", "canceled with source 13", order_cards.fok_without_a_match),
            ("unfilled cancel in the history", "listed for two hours", order_cards.unfilled_cancel_in_history),
            ("orders channel after subscribing", "no snapshot", order_cards.no_snapshot_of_orders),
            ("isolated margin for contracts", "accepted", order_cards.isolated_contracts),
            ("fill after filled", "listed within 10 s; a buy's fee in base", trade_cards.fill_after_filled),
            ("clOrdId of a filled order again", "accepted, executes twice", trade_cards.id_after_fill),
            ("cancel of a filled order", "51400", trade_cards.cancel_what_filled),
            ("reduce-only beyond the position", "rejected", trade_cards.reduce_only_beyond_the_position),
            ("cancel-all-after: unit of triggerTime", "seconds or milliseconds", trade_cards.switch_unit),
            ("cancel-all-after fires", "canceled with source 20", trade_cards.switch_fires),
            ("cancel-all-after and algo orders", "they stay", trade_cards.switch_and_algo_orders),
            ("spot trigger buy sized in base (tgtCcy)", "51281: not taken", trade_cards.trigger_buy_sized_in_base),
        ),
        1,
    )
)


@dataclass(frozen=True, slots=True)
class CardResult:
    number: int
    title: str
    assumed: str
    observed: str
    verdict: Verdict
    seconds: float


class StaleTime(TimeSync):
    """A clock that is 45 s behind OKX's, for one card."""

    def __init__(self, clock: Clock, true: TimeSync) -> None:
        super().__init__(clock)
        self._true = true

    def now_ns(self) -> int:
        return self._true.now_ns() - STALE_NS


async def check(
    config: OkxConfig,
    clock: Clock,
    *,
    spot: str = "BTC-USDT",
    swap: str = "BTC-USDT-SWAP",
    numbers: Collection[int] = (),
    transport: Transport | None = None,
) -> AsyncIterator[CardResult]:
    """Run the cards (all, or those numbers) and yield each result as it comes. Raises ExchangeError when the account
    cannot be reached at all, ExchangeRefused when the spot instrument is not listed."""
    config = replace(config, order_tag=TAG)
    carrier = transport or AiohttpTransport(proxy=config.proxy)
    exchange = OkxExchange(config, clock, carrier)
    heard = Heard(clock)
    await exchange.start(heard)
    try:
        desk = await _desk(config, clock, exchange, heard, carrier, spot, swap)
        for card in CARDS:
            if not numbers or card.number in numbers:
                try:
                    result = await _run(card, desk)
                finally:
                    await _tidy(desk)
                yield result
                await clock.sleep(PAUSE_SECONDS)
    finally:
        await exchange.stop()


async def _desk(
    config: OkxConfig,
    clock: Clock,
    exchange: OkxExchange,
    heard: Heard,
    transport: Transport,
    spot: str,
    swap: str,
) -> Desk:
    listed: dict[str, Instrument] = {each.instrument_id: each for each in await exchange.instruments()}
    if spot not in listed:
        raise ExchangeRefused("51001", f"instrument {spot} is not listed for this account")
    signer = Signer(config)

    def rest(time: TimeSync) -> RestClient:
        return RestClient(config, clock, transport, signer, RateLimits(clock), time)

    return Desk(
        exchange=exchange,
        rest=rest(exchange.time_sync),
        stale_rest=rest(StaleTime(clock, exchange.time_sync)),
        clock=clock,
        heard=heard,
        account=await exchange.account_config(),
        spot=listed[spot],
        swap=listed.get(swap),
        name=clock.token(5).hex(),
    )


async def _run(card: Card, desk: Desk) -> CardResult:
    began_ns = desk.clock.monotonic_ns()
    try:
        async with asyncio.timeout(CARD_SECONDS):
            finding = await card.run(desk)
    except CannotTell as error:
        finding = Finding(str(error), Verdict.COULD_NOT_TELL)
    except TimeoutError:
        finding = Finding(f"no result within {CARD_SECONDS} s", Verdict.COULD_NOT_TELL)
    except ExchangeError as error:
        finding = Finding(f"{type(error).__name__}: {error}", Verdict.COULD_NOT_TELL)
    seconds = (desk.clock.monotonic_ns() - began_ns) / NS_PER_SECOND
    return CardResult(card.number, card.title, card.assumed, finding.observed, finding.verdict, round(seconds, 3))


async def _tidy(desk: Desk) -> None:
    try:
        await desk.tidy()
    except ExchangeError as error:
        log.warning("venue check could not tidy up; the next card tries again", error=str(error))
