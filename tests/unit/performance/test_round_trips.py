"""Round trips: partial closes, flips, hedged sides, inverse contracts, fees in base, dust; no money is lost."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.performance.fills import TripFill, notional
from app.domain.performance.round_trips import RoundTrip, RoundTrips, round_trips
from tests.unit.performance.builders import SECOND_NS, fill

D = Decimal


def trip(**fields: object) -> RoundTrip:
    """A closed long trip of one X-USDT at 100 without profit, but for the fields given."""
    values: dict[str, object] = {
        "instrument_id": "X-USDT",
        "position_side": "net",
        "direction": 1,
        "strategy_id": "s",
        "opened_ns": 0,
        "closed_ns": SECOND_NS,
        "entry_price": D(100),
        "exit_price": D(100),
        "entered_size": D(1),
        "open_size": D(0),
        "gross_profit": D(0),
        "fees": D(0),
        "fill_count": 2,
        "opening_key": "a",
        "closing_key": "b",
    }
    return RoundTrip(**values | fields)  # type: ignore[arg-type]


def test_nothing_gives_nothing() -> None:
    assert round_trips([]) == RoundTrips((), (), (), D(0), (), D(0), D(0))


def test_average_cost_and_partial_close() -> None:
    found = round_trips(
        [
            fill("buy", "1", "100", at=0, fee="0.1", trade_key="a"),
            fill("buy", "3", "104", at=1, fee="0.3"),
            fill("sell", "2", "110", at=2, fee="0.2"),
            fill("sell", "2", "101", at=3, fee="-0.1", trade_key="b"),
        ]
    )
    # Average entry 103: (110 - 103) x 2 + (101 - 103) x 2 = 10; fees 0.5, the rebate deducted.
    assert found.closed == (
        trip(
            closed_ns=3 * SECOND_NS,
            entry_price=D(103),
            exit_price=D("105.5"),
            entered_size=D(4),
            gross_profit=D(10),
            fees=D("0.5"),
            fill_count=4,
        ),
    )
    assert found.closed[0].net_profit == D("9.5")
    assert [amount for _, amount in found.realisations] == [D("-0.1"), D("-0.3"), D("13.8"), D("-3.9")]
    assert (found.open, found.unmatched, found.total_fees, found.total_volume) == ((), (), D("0.5"), D(834))


def test_an_open_trip_reports_what_it_has_realised() -> None:
    found = round_trips([fill("sell", "2", "100", fee="1", trade_key="a"), fill("buy", "1", "90", at=1, fee="1")])
    assert found.closed == ()
    assert found.open == (
        trip(
            direction=-1,
            closed_ns=None,
            closing_key=None,
            exit_price=D(90),
            entered_size=D(2),
            open_size=D(1),
            gross_profit=D(10),
            fees=D(2),
        ),
    )


def test_a_flip_closes_one_trip_and_opens_the_next_sharing_the_fee_by_size() -> None:
    found = round_trips(
        [
            fill("buy", "1", "100", at=0, trade_key="a"),
            fill("sell", "4", "105", at=1, fee="4", trade_key="b"),
            fill("buy", "3", "100", at=2, trade_key="c"),
        ]
    )
    assert found.closed == (
        trip(exit_price=D(105), gross_profit=D(5), fees=D(1)),
        trip(
            direction=-1,
            opened_ns=SECOND_NS,
            closed_ns=2 * SECOND_NS,
            entry_price=D(105),
            entered_size=D(3),
            gross_profit=D(15),
            fees=D(3),
            opening_key="b",
            closing_key="c",
        ),
    )
    assert found.open == ()


def test_instruments_and_hedged_sides_are_apart() -> None:
    found = round_trips(
        [
            fill("buy", "1", "100", at=0, position_side="long"),
            fill("sell", "1", "100", at=1, position_side="short"),
            fill("buy", "1", "5", at=2, instrument_id="Y-USDT"),
            fill("buy", "1", "90", at=3, position_side="short"),
            fill("sell", "1", "103", at=4, position_side="long"),
        ]
    )
    closed = [(one.position_side, one.direction, one.net_profit) for one in found.closed]
    assert closed == [("short", -1, D(10)), ("long", 1, D(3))]
    assert [(one.instrument_id, one.open_size) for one in found.open] == [("Y-USDT", D(1))]


def test_a_hedged_side_never_flips() -> None:
    found = round_trips(
        [
            fill("buy", "1", "100", at=0, position_side="long"),
            fill("sell", "3", "101", at=1, position_side="long", fee="3", trade_key="b"),
            fill("buy", "2", "101", at=2, position_side="short", fee="1", trade_key="c"),
        ]
    )
    assert [(one.net_profit, one.open_size) for one in found.closed] == [(D(0), D(0))]
    assert found.open == ()
    assert found.unmatched == (
        ("X-USDT", "long", -1, D(101), D(2), D(2), SECOND_NS, "b"),
        ("X-USDT", "short", 1, D(101), D(2), D(1), 2 * SECOND_NS, "c"),
    )
    assert found.total_fees == D(4)


def test_a_hand_closes_what_is_nobodys_first_and_then_of_the_strategies_in_proportion() -> None:
    fills = [
        fill("buy", "6", "100", at=0, book="a"),
        fill("buy", "3", "130", at=1, book="b"),
        fill("buy", "1", "90", at=2, book="unattributed", nobodys=True),
        fill("sell", "7", "150", at=3, fee="7", book="own", nobodys=True, lot=D(1)),
    ]
    found = round_trips(fills)
    assert {(one.book, one.size, one.gained) for one in found.positions} == {
        ("a", D(2), D(200)),
        ("b", D(1), D(40)),
        ("unattributed", D(0), D(60)),
        ("own", D(0), D(0)),
    }
    assert (found.dust_profit, [one.net_profit for one in found.closed]) == (-7, [60])
    assert sum(amount for _, amount in found.realisations) == 200 + 40 + 60 - 7
    only_b = round_trips(fills, book="b")
    assert (only_b.realisations[-1], only_b.total_fees, len(only_b.fill_times)) == ((3 * SECOND_NS, D(40)), 0, 1)


def test_a_strategy_may_be_short_of_what_another_is_long_of() -> None:
    found = round_trips([fill("buy", "5", "100", at=0, book="a"), fill("sell", "5", "110", at=1, book="b")])
    assert [(one.book, one.size, one.unrealised(D(120))) for one in found.positions] == [("a", 5, 100), ("b", -5, -50)]
    # The position is flat: a hand's sale opens one of its own.
    hand = fill("sell", "1", "120", at=2, book="unattributed", nobodys=True)
    opened = round_trips(
        [fill("buy", "5", "100", at=0, book="a"), fill("sell", "5", "110", at=1, book="b"), hand]
    ).positions
    assert [(one.book, one.size) for one in opened] == [("a", 5), ("b", -5), ("unattributed", -1)]


def test_what_is_earned_is_valued_at_its_own_rate() -> None:
    linear = [fill("buy", "2", "100", rate=D("0.9")), fill("sell", "2", "110", at=1, rate=D("1.1"))]
    assert (round_trips(linear).closed[0].gross_profit, round_trips(linear).total_volume) == (22, D("180") + 242)
    contract: dict[str, Any] = {"multiplier": D(100), "inverse": True, "rate": D("0.5")}
    inverse = [fill("sell", "1", "40000", **contract), fill("buy", "1", "32000", at=1, coin=D(20_000), **contract)]
    found = round_trips(inverse)
    assert (found.closed[0].gross_profit, found.total_volume) == (D("0.000625") * 20_000, 100)
    assert found.positions[0].gained == D("0.000625")


def test_what_was_there_before_is_in_no_trip_and_realises() -> None:
    opening = fill("buy", "2", "100", book="unattributed", trade_key="opening")
    found = round_trips([fill("sell", "3", "110", at=1, fee="3", book="own", nobodys=True)], [opening])
    assert [(one.direction, one.open_size, one.fees) for one in found.open] == [(-1, 1, 1)]
    assert (found.closed, found.dust_profit, found.total_volume) == ((), 20 - 2, 330)


def test_linear_contracts() -> None:
    contract: dict[str, Any] = {"multiplier": D("0.01")}
    found = round_trips([fill("buy", "7", "50000", **contract), fill("sell", "7", "51000", at=1, **contract)])
    assert (found.closed[0].net_profit, found.closed[0].entry_price, found.total_volume) == (D(70), D(50000), D(7070))


def test_inverse_contracts_realise_in_coin_at_the_closing_price() -> None:
    contract: dict[str, Any] = {"multiplier": D(100), "inverse": True}
    found = round_trips(
        [
            fill("buy", "100", "40000", at=0, **contract),
            fill("buy", "100", "60000", at=1, **contract),
            fill("sell", "200", "50000", at=2, **contract),
        ]
    )
    # 10,000 USD at 40,000 and 10,000 USD at 60,000 are 0.41666 coins: an average of 48,000, not 50,000.
    # 20,000 x (1/48,000 - 1/50,000) = 0.0166667 coins = 833.33 USD.
    assert found.closed[0].entry_price == pytest.approx(D(48000), rel=D("1e-30"))
    assert found.closed[0].gross_profit == pytest.approx(D(2500) / 3, rel=D("1e-20"))
    assert found.total_volume == 40_000
    short = round_trips([fill("sell", "1", "40000", **contract), fill("buy", "1", "32000", at=1, **contract)])
    assert short.closed[0].gross_profit == D(20)


def test_a_fee_in_base_makes_the_holding_smaller_and_the_trip_still_closes() -> None:
    # Bought 0.1 for 5,000; 0.0001 taken as fee; the 0.0999 left sold at 51,000 for 5,094.90 less 5.10.
    found = round_trips(
        [
            fill("buy", "0.1", "50000", at=0, fee="5", fee_base=D("0.0001")),
            fill("sell", "0.0999", "51000", at=1, fee="5.1"),
        ]
    )
    assert [one.net_profit for one in found.closed] == [D("5094.9") - 5000 - D("5.1")]
    assert found.open == ()


def test_a_remainder_below_one_lot_is_flat_and_joins_the_next_trip_at_its_cost() -> None:
    spot: dict[str, Any] = {"lot": D("0.001")}
    found = round_trips(
        [
            fill("buy", "0.0105", "100", at=0, **spot),
            fill("sell", "0.01", "110", at=1, **spot),
            fill("buy", "0.0095", "120", at=2, **spot),
            fill("sell", "0.01", "120", at=3, **spot),
        ]
    )
    assert [(one.net_profit, one.open_size) for one in found.closed] == [(D("0.1"), D("0.0005")), (D("0.01"), D(0))]
    assert found.closed[1].entry_price == D(119)
    assert (found.open, found.dust_profit) == ((), D(0))


def test_selling_the_dust_alone_is_no_trade() -> None:
    spot: dict[str, Any] = {"lot": D("0.001"), "position_side": "long"}
    found = round_trips(
        [
            fill("buy", "0.0105", "100", at=0, **spot),
            fill("sell", "0.01", "100", at=1, **spot),
            fill("sell", "0.0005", "120", at=2, fee="0.001", **spot),
        ]
    )
    assert [one.net_profit for one in found.closed] == [D(0)]
    assert (found.open, found.dust_profit) == ((), D("0.009"))


def test_passing_zero_by_less_than_a_lot_opens_nothing() -> None:
    spot: dict[str, Any] = {"lot": D("0.001")}
    found = round_trips(
        [
            fill("buy", "0.0100", "100", at=0, **spot),
            fill("sell", "0.0105", "110", at=1, fee="1", **spot),
            fill("buy", "0.0105", "100", at=2, **spot),
        ]
    )
    assert [(one.net_profit, one.open_size) for one in found.closed] == [(D("0.1") - 1, D(0))]
    assert [(one.direction, one.open_size, one.fees) for one in found.open] == [(1, D("0.0100"), D(0))]
    assert found.dust_profit == D("0.005")


def test_order_given_does_not_matter_but_for_equal_times() -> None:
    fills = [fill("buy", "1", "100", at=0), fill("buy", "1", "90", at=1), fill("sell", "2", "99", at=2)]
    assert round_trips(reversed(fills)) == round_trips(fills)
    same_time = [fill("sell", "1", "100", at=5), fill("buy", "1", "90", at=5)]
    assert [one.direction for one in round_trips(same_time).closed] == [-1]
    assert [one.direction for one in round_trips(reversed(same_time)).closed] == [1]


def test_a_fill_that_comes_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="trade_key t1 of X-USDT: must be unique"):
        round_trips([fill("buy", "1", "100", trade_key="t1"), fill("sell", "1", "100", at=1, trade_key="t1")])


def test_an_instrument_is_inverse_or_not() -> None:
    with pytest.raises(ValueError, match="inverse True of X-USDT"):
        round_trips([fill("buy", "1", "100"), fill("sell", "1", "100", at=1, inverse=True)])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"side": 0}, r"TripFill.side 0 of X-USDT trade t: must be \+1"),
        ({"position_side": "both"}, "position_side both"),
        ({"size": D(0)}, "size 0"),
        ({"size": D("NaN")}, "size NaN"),
        ({"price": D(-1)}, "price -1"),
        ({"price": D("Infinity")}, "price Infinity"),
        ({"price": D(0), "inverse": True}, "price 0"),
        ({"multiplier": D(0)}, "multiplier 0"),
        ({"fee_quote": D("NaN")}, "fee_quote NaN"),
        ({"fee_base": D(1)}, "fee_base 1"),
        ({"lot": D(-1)}, "lot -1"),
        ({"rate": D(0)}, "rate 0"),
        ({"coin": D(-1)}, "coin -1"),
        ({"time_ns": -1}, "time_ns -1"),
    ],
)
def test_a_bad_fill_is_refused_by_name(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(fill("buy", "1", "100", trade_key="t"), **fields)


amounts = st.integers(1, 400).map(lambda value: D(value) / 8)


@st.composite
def fill_lists(draw: st.DrawFn, *, inverse: bool = False) -> list[TripFill]:
    rows = draw(st.lists(st.tuples(st.booleans(), amounts, amounts, st.integers(-40, 40)), max_size=40))
    fields: dict[str, Any] = {"inverse": inverse, "multiplier": draw(st.sampled_from([D(1), D("0.01"), D(100)]))}
    lot = draw(st.sampled_from([D(0), D("0.5"), D(2)]))
    return [
        fill("buy" if buys else "sell", str(size), str(price), at=at, fee=str(D(fee) / 8), lot=lot, **fields)
        for at, (buys, size, price, fee) in enumerate(rows)
    ]


@given(fills=fill_lists())
def test_no_money_is_made_or_lost(fills: list[TripFill]) -> None:
    """Realised profit = cash received + what is still held, at its cost; closed, open and dust share it fully."""
    found = round_trips(fills)
    realised = sum((amount for _, amount in found.realisations), D(0))
    parts = sum((one.net_profit for one in (*found.closed, *found.open)), found.dust_profit)
    assert realised == pytest.approx(parts, abs=D("1e-20"))
    assert found.total_fees == sum((one.fee_quote for one in fills), D(0))
    assert sum(one.fill_count for one in found.closed) <= 2 * len(fills)

    reference = AverageCost()
    for one in fills:
        reference.apply(one)
    assert abs(Fraction(realised) - reference.realised) < Fraction(1, 10**20)
    cash = sum((-one.side * notional(one) - one.fee_quote for one in fills), D(0))
    assert Fraction(cash) + reference.held_cost == reference.realised


@given(fills=fill_lists(inverse=True))
def test_inverse_realises_what_the_coins_are_worth(fills: list[TripFill]) -> None:
    """In coin, every contract closed earns its value x (1/entry - 1/exit): a linear trade in the price 1/p."""
    found = round_trips(fills)
    for one in found.closed:
        if one.fill_count == 2 and one.open_size == 0 and one.exit_price is not None:
            value = one.entered_size * fills[0].multiplier
            expected = one.direction * value * (one.exit_price / one.entry_price - 1)
            assert one.gross_profit == pytest.approx(expected, abs=D("1e-18"))


@dataclass
class AverageCost:
    """The same accounting in exact fractions, one net position, no trips: the oracle."""

    size: Fraction = Fraction(0)
    average: Fraction = Fraction(0)
    multiplier: Fraction = Fraction(1)
    realised: Fraction = Fraction(0)

    def apply(self, one: TripFill) -> None:
        change, price = Fraction(one.side * one.size), Fraction(one.price)
        self.multiplier = Fraction(one.multiplier)
        self.realised -= Fraction(one.fee_quote)
        if self.size * change >= 0:
            self.average = (self.average * abs(self.size) + price * abs(change)) / (abs(self.size) + abs(change))
        else:
            closing = min(abs(change), abs(self.size))
            direction = 1 if self.size > 0 else -1
            self.realised += direction * (price - self.average) * closing * self.multiplier
            if abs(change) > closing:
                self.average = price
        self.size += change

    @property
    def held_cost(self) -> Fraction:
        return self.size * self.average * self.multiplier
