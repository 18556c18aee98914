"""OKX's bills, the account's cash ledger: which of them are executions, and what the others are called here.

Types and sub-types are those of OKX v5, GET account/bills. What is not in the tables is kept as OTHER.
"""

from collections.abc import Mapping
from types import MappingProxyType

from app.exchanges.errors import ProtocolError
from app.exchanges.okx import codec, wire, words
from app.exchanges.port import Bill, BillKind

TRADE_TYPES = frozenset({"2", "13", "14", "24"})
"""Trade, delta hedging, block trade, spread trade. Should OKX not list one with the fills, its difference shows."""

FORCED_TYPES = frozenset({"3", "5", "9"})
"""Delivery, liquidation, auto-deleveraging: fills by some of their sub-types, money of the insurance fund by others."""

KINDS: Mapping[str, BillKind] = MappingProxyType(
    {
        "1": BillKind.TRANSFER,
        "12": BillKind.TRANSFER,
        "7": BillKind.INTEREST,
        "8": BillKind.FUNDING,
        "3": BillKind.LIQUIDATION,
        "5": BillKind.LIQUIDATION,
        "9": BillKind.LIQUIDATION,
        "10": BillKind.LIQUIDATION,
        "6": BillKind.MARGIN,
        "15": BillKind.LOAN,
        "16": BillKind.LOAN,
        "22": BillKind.LOAN,
        "33": BillKind.LOAN,
        "11": BillKind.CONVERSION,
        "27": BillKind.CONVERSION,
        "28": BillKind.CONVERSION,
        "29": BillKind.CONVERSION,
        "381": BillKind.INTEREST,
    }
)


def is_execution(row: wire.BillRow) -> bool:
    """Whether the bill is one side of a trade, which its fill accounts for. Raises ProtocolError for one that does not
    say: its money would be counted twice, or not at all."""
    kind = codec.own_id("type", row.type)
    if kind not in FORCED_TYPES:
        return kind in TRADE_TYPES
    return codec.own_id("subType", row.subType) in codec.SUB_TYPE_CATEGORIES


def bill(row: wire.BillRow) -> Bill:
    """The change of the account's balance; 0 where OKX moved money of a position alone. Raises ProtocolError."""
    time_ns = codec.moment("ts", row.ts)
    if not time_ns:
        raise ProtocolError(f"bill {row.billId[:40]!r} of {row.ccy[:40]} has no time")
    kind = BillKind.OTHER if is_execution(row) else words.meaning("bill type", row.type, KINDS, BillKind.OTHER)
    return Bill(
        codec.own_id("billId", row.billId),
        kind,
        codec.currency("ccy", row.ccy),
        codec.needed("balChg", row.balChg),
        time_ns,
        row.instId or "",
        f"{row.type or '?'}/{row.subType or '?'}",
    )
