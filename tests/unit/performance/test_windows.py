"""round_trips in windows: those that tile the history share out its trips, fees, volume and realisations exactly."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.performance import TripFill, round_trips, summarise
from tests.unit.performance.builders import SECOND_NS, fill

D = Decimal

sides = st.lists(st.tuples(st.sampled_from(["buy", "sell"]), st.integers(1, 4), st.integers(90, 110)), max_size=30)


def _fills(steps: list[tuple[str, int, int]]) -> list[TripFill]:
    return [
        fill(side, str(size), str(price), at=index, fee="0.5", trade_key=index)
        for index, (side, size, price) in enumerate(steps)
    ]


@given(sides, st.integers(0, 30))
def test_two_windows_share_out_the_whole(steps: list[tuple[str, int, int]], cut: int) -> None:
    fills = _fills(steps)
    whole = round_trips(fills)
    early = round_trips([one for one in fills if one.time_ns < cut * SECOND_NS])
    late = round_trips(fills, start_ns=cut * SECOND_NS)
    assert early.closed + late.closed == whole.closed
    assert early.realisations + late.realisations == whole.realisations
    assert early.total_fees + late.total_fees == whole.total_fees
    assert early.total_volume + late.total_volume == whole.total_volume
    assert late.open == whole.open


def test_the_summary_of_a_window_counts_its_own() -> None:
    fills = _fills([("buy", 1, 100), ("sell", 1, 110), ("buy", 1, 100), ("sell", 1, 105)])
    result = summarise(round_trips(fills, start_ns=2 * SECOND_NS), D(1000), start_ns=2 * SECOND_NS)
    assert (result.total_trades, result.net_profit, result.fill_count, result.total_volume) == (1, D(4), 2, D(205))
