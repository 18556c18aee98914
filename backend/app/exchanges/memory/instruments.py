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

ODD_INSTRUMENTS: tuple[Instrument, ...] = (
    spot("BTC", "USDC", "0.1", "0.00000001", "0.00001"),
    spot("ETH", "USDC", "0.01", "0.000001", "0.0001"),
    spot("BTC", "EUR", "0.1", "0.00000001", "0.00001"),
    spot("USDC", "EUR", "0.0001", "0.0001", "1"),
    spot("USDC", "USDT", "0.0001", "0.0001", "1"),
    spot("ETH", "BTC", "0.00001", "0.000001", "0.0001"),
    spot("PEPE", "USDT", "0.0000000000001", "1000", "1000"),
)
"""Other currencies, pairs quoted in a coin, and a price of 1e-9 in lots of 1,000: what a test adds to the
others, or lists alone."""
