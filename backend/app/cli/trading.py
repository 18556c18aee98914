"""Commands on a running system: orders, positions, trades, performance, and the operator's levers."""

from typing import Annotated, Any

import typer

from app.cli.client import connect
from app.cli.errors import BAD_INPUT, CommandError
from app.cli.options import (
    By,
    Cursor,
    DataDir,
    End,
    Execution,
    Instrument,
    Json,
    Key,
    Limit,
    OfOrder,
    Side,
    Start,
    Strategy,
    Url,
    Why,
    who_says,
)
from app.cli.output import print_fields, print_json, print_page
from trading_executor.client import calls

ORDER_COLUMNS = (
    "order_id", "created_at", "instrument_id", "side", "order_type", "size", "price", "status", "filled_size",
    "average_fill_price", "strategy_id",
)  # fmt: skip
POSITION_COLUMNS = (
    "instrument_id", "position_side", "trade_mode", "size", "entry_price", "mark_price", "unrealised_pnl",
    "realised_pnl", "fee_value", "net_pnl", "pnl_currency",
)  # fmt: skip
TRADE_COLUMNS = (
    "traded_at", "instrument_id", "position_side", "trade_mode", "side", "size", "price", "fee", "fee_currency",
    "liquidity", "order_id", "strategy_id",
)  # fmt: skip

OrderId = Annotated[str, typer.Argument(help="Our order id, or the client order id.")]


def orders(
    order_id: Annotated[str | None, typer.Argument(help="Show this one alone, in full.")] = None,
    active: Annotated[bool, typer.Option("--active", help="Only those that are not over.")] = False,
    instrument: Instrument = None,
    status: Annotated[list[str] | None, typer.Option("--status", help="Only this status; may be repeated.")] = None,
    side: Side = None,
    strategy: Strategy = None,
    execution: Execution = None,
    venue_id: Annotated[str | None, typer.Option("--exchange-order", help="The one with this id there.")] = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 100,
    cursor: Cursor = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """List orders, newest first, or show one."""
    client = connect(url, data_dir)
    if order_id is not None:
        _show(client.ask(calls.get_order(order_id)), as_json)
        return
    if active:
        if status or cursor or any((side, strategy, execution, venue_id, start, end)):
            raise CommandError("active: goes with --instrument alone; use --status for one list of several", BAD_INPUT)
        answer = client.ask(calls.active_orders(instrument))
    else:
        wanted = calls.order_history(
            instrument_id=instrument,
            status=status,
            side=side,
            strategy_id=strategy,
            parent_id=execution,
            exchange_order_id=venue_id,
            start_date=start,
            end_date=end,
            limit=limit,
            cursor=cursor,
        )
        answer = client.ask(wanted)
    print_page(answer, "orders", ORDER_COLUMNS, as_json)


def positions(
    instrument: Instrument = None,
    include_flat: Annotated[bool, typer.Option("--include-flat", help="Also those below one lot.")] = False,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """List positions with their cost, mark and profit."""
    answer = connect(url, data_dir).ask(calls.positions(instrument, include_flat=include_flat))
    print_page(answer, "positions", POSITION_COLUMNS, as_json)


def trades(
    instrument: Instrument = None,
    side: Side = None,
    order_id: OfOrder = None,
    trade_id: Annotated[str | None, typer.Option("--trade", help="Those with this id at the exchange.")] = None,
    strategy: Strategy = None,
    execution: Execution = None,
    start: Start = None,
    end: End = None,
    limit: Limit = 100,
    cursor: Cursor = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """List trades, newest first."""
    wanted = calls.trades(
        instrument_id=instrument,
        side=side,
        order_id=order_id,
        trade_id=trade_id,
        strategy_id=strategy,
        parent_id=execution,
        start_date=start,
        end_date=end,
        limit=limit,
        cursor=cursor,
    )
    answer = connect(url, data_dir).ask(wanted)
    print_page(answer, "trades", TRADE_COLUMNS, as_json)


def place(
    instrument: Annotated[str, typer.Argument(help="Such as BTC-USDT.")],
    side: Annotated[str, typer.Argument(help="buy or sell.")],
    order_type: Annotated[
        str,
        typer.Argument(
            help="market, limit, post_only, ioc, fok; those that wait for a price: stop, stop_limit, take_profit, "
            "take_profit_limit, trailing_stop, oco."
        ),
    ],
    size: Annotated[str, typer.Argument(help="In base currency for spot, in contracts for swaps.")],
    price: Annotated[str | None, typer.Option("--price", help="Limit price; of a market order, the worst.")] = None,
    trade_mode: Annotated[str, typer.Option("--trade-mode", help="cash, cross or isolated.")] = "cash",
    position_side: Annotated[str, typer.Option("--position-side", help="net, long or short.")] = "net",
    reduce_only: Annotated[bool, typer.Option("--reduce-only", help="Only make a position smaller.")] = False,
    strategy: Annotated[str | None, typer.Option("--strategy", help="On whose account it goes.")] = None,
    trigger: Annotated[str | None, typer.Option("--trigger", help="Of a stop or take_profit: at which price.")] = None,
    trigger_by: Annotated[str | None, typer.Option("--trigger-by", help="last, book, mark or index.")] = None,
    held: Annotated[
        str | None, typer.Option("--held", help="Where it waits: here, or at the exchange, which fires it without us.")
    ] = None,
    distance: Annotated[str | None, typer.Option("--distance", help="Of a trailing_stop: a price.")] = None,
    distance_pct: Annotated[str | None, typer.Option("--distance-pct", help="Or a fraction: 0.01 is 1 %.")] = None,
    take_profit: Annotated[
        str | None, typer.Option("--take-profit", help="Of an oco; of a market or limit order: it is a bracket.")
    ] = None,
    stop_loss: Annotated[str | None, typer.Option("--stop-loss", help="The same.")] = None,
    idempotency_key: Key = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Place an order."""
    wanted = calls.place_order(
        instrument,
        side,
        order_type,
        size,
        price=price,
        trade_mode=trade_mode,
        position_side=position_side,
        reduce_only=reduce_only,
        strategy_id=strategy,
        trigger_price=trigger,
        trigger_by=trigger_by,
        held=held,
        distance=distance,
        distance_pct=distance_pct,
        take_profit=take_profit,
        stop_loss=stop_loss,
        idempotency_key=idempotency_key,
    )
    _show(connect(url, data_dir).ask(wanted), as_json)


def modify(
    order_id: OrderId,
    size: Annotated[str | None, typer.Option("--size", help="New size, the filled part included.")] = None,
    price: Annotated[str | None, typer.Option("--price", help="New limit price.")] = None,
    trigger: Annotated[str | None, typer.Option("--trigger", help="Of a held order: a new trigger price.")] = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Amend a live order."""
    wanted = calls.modify_order(order_id, size=size, price=price, trigger_price=trigger)
    _show(connect(url, data_dir).ask(wanted), as_json)


def cancel(order_id: OrderId, url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Cancel an order."""
    _show(connect(url, data_dir, control=True).ask(calls.cancel_order(order_id)), as_json)


def cancel_all(
    instrument: Instrument = None,
    protection: Annotated[
        bool, typer.Option("--protection", help="Also conditional orders that can only reduce what is held.")
    ] = False,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Cancel every open order, and end executions; protection stays unless you say so."""
    answer = connect(url, data_dir, control=True).ask(calls.cancel_all(instrument, protection=protection))
    print_page(answer, "orders", ORDER_COLUMNS, as_json)


def kill(why: Why = "trading-executor kill", url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Engage the kill switch: no new orders but exits, every open one cancelled; it survives restarts."""
    _show(connect(url, data_dir, control=True).ask(calls.engage_kill_switch(why)), as_json)


def resume(why: Why, url: Url = None, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Release the kill switch."""
    answer = connect(url, data_dir, control=True).ask(calls.release_kill_switch(why))
    if (approval := answer.get("approval")) is not None and not as_json:
        print(f"waits for a second person: trading-executor approvals confirm {approval['approval_id']}")
        return
    _show(answer, as_json)


def resolve(
    why: Why,
    order_id: Annotated[str | None, typer.Argument(help="The order that cannot be decided.")] = None,
    state: Annotated[str | None, typer.Option("--state", help="canceled, filled or never_accepted.")] = None,
    filled: Annotated[str | None, typer.Option("--filled", help="What has filled in all.")] = None,
    fill: Annotated[
        list[str] | None,
        typer.Option("--fill", help="TRADE_ID:SIZE:PRICE[:FEE:CURRENCY] by the exchange's record; may be repeated."),
    ] = None,
    venue_order_id: Annotated[str, typer.Option("--exchange-order-id", help="With --fill, when not known here.")] = "",
    balance: Annotated[str | None, typer.Option("--balance", help="Instead: declare CURRENCY=AMOUNT.")] = None,
    price: Annotated[str | None, typer.Option("--price", help="With --balance: what one unit was worth.")] = None,
    by: By = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Journal an operator's evidence: an order's end that the exchange no longer tells, or an opening balance."""
    who = who_says(by)
    if (order_id is None) == (balance is None):
        raise CommandError("order_id: give an order and its --state, or --balance CURRENCY=AMOUNT", BAD_INPUT)
    client = connect(url, data_dir, control=True)
    if balance is not None:
        currency, equals, amount = balance.partition("=")
        if not equals:
            raise CommandError(f"balance={balance}: must be CURRENCY=AMOUNT, such as USDT=100", BAD_INPUT)
        _show(client.ask(calls.declare_balance(currency, amount, price=price, by=who, why=why)), as_json)
        return
    if state is None:
        raise CommandError("state: is required: canceled, filled or never_accepted", BAD_INPUT)
    fills = [_fill(text) for text in fill or []]
    wanted = calls.resolve_order(
        order_id or "", state, filled=filled, fills=fills, venue_order_id=venue_order_id or None, by=who, why=why
    )
    _show(client.ask(wanted), as_json)


def accept(
    kind: Annotated[str, typer.Argument(help="balance, position, orders or fills, as `status` names it.")],
    subject: Annotated[str, typer.Argument(help="The currency, position or instrument, as `status` names it.")],
    why: Why,
    by: By = None,
    url: Url = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Accept a difference that stands: it is booked as unexplained, never as a trade, and new risk is open again."""
    wanted = calls.accept_difference(kind, subject, by=who_says(by), why=why)
    _show(connect(url, data_dir, control=True).ask(wanted), as_json)


def _fill(text: str) -> dict[str, str]:
    parts = text.split(":")
    if len(parts) not in (3, 5):
        raise CommandError(f"fill={text}: must be TRADE_ID:SIZE:PRICE[:FEE:CURRENCY]", BAD_INPUT)
    return dict(zip(("trade_id", "size", "price", "fee", "fee_currency"), parts, strict=False))


def _show(answer: Any, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        print_fields(answer)
