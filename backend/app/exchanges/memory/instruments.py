"""The instruments that MemoryExchange lists when it is given none."""

from decimal import Decimal

from app.domain.instruments import Instrument, InstrumentKind


def spot(base: str, quote: str, tick: str, lot: str, min_size: str) -> Instrument:
    return Instrument(
        f"{base}-{quote}",
        InstrumentKind.SPOT,
        base=base,
        quote=quote,
        settle=quote,
        tick=Decimal(tick),
        lot=Decimal(lot),
        min_size=Decimal(min_size),
    )


DEFAULT_INSTRUMENTS: tuple[Instrument, ...] = (
    spot("BTC", "USDT", "0.1", "0.00000001", "0.00001"),
    spot("ETH", "USDT", "0.01", "0.000001", "0.0001"),
    Instrument(
        "BTC-USDT-SWAP",
        InstrumentKind.SWAP,
        base="BTC",
        quote="USDT",
        settle="USDT",
        tick=Decimal("0.1"),
        lot=Decimal("0.01"),
        min_size=Decimal("0.01"),
        contract_value=Decimal("0.01"),
    ),
)
