"""A recorded file is read to its end beforehand: what the replay could not use is named by its line."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from app.simulator.feed.survey import survey

BASE = 1_700_000_000_000_000_000
SNAPSHOT = '{"lastUpdateId":10,"bids":[["100.00","5.0"]],"asks":[["101.00","3.0"]]}'
DEPTH = '{"stream":"btcusdt@depth","data":{"u":11,"b":[["100.00","6.0"]],"a":[]}}'
TRADE = '{"stream":"btcusdt@trade","data":{"p":"100.00","q":"0.1","m":true}}'


def written(path: Path, *lines: str) -> str:
    text = "".join(f"{BASE + place * 1_000_000_000} {line}\n" for place, line in enumerate(lines))
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return str(path)


def test_what_a_file_holds(tmp_path: Path) -> None:
    found = survey(written(tmp_path / "plain", TRADE, SNAPSHOT, TRADE, DEPTH, TRADE))
    second = 1_700_000_000
    assert (found.begin_ns, found.end_ns, found.snapshot_ns) == (BASE, BASE + 4_000_000_000, BASE + 1_000_000_000)
    assert found.news == {second + 1, second + 3}
    assert survey(written(tmp_path / "packed.gz", TRADE, SNAPSHOT, TRADE, DEPTH, TRADE)) == found
    assert survey(written(tmp_path / "goes_on", DEPTH)).snapshot_ns is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (DEPTH[:-9], "line 3: Input data was truncated"),
        (DEPTH.replace('"u":11', '"u":"x"'), r"line 3: Expected `int`, got `str` - at `\$.data.u`"),
        (DEPTH.replace("100.00", "1OO.00"), "line 3: not a price and a size: '1OO.00', '6.0'"),
        (TRADE.replace('"0.1"', '""'), "line 3: not a price and a size: '100.00', ''"),
        ("what", "line 3: not a depth, trade, bookTicker or snapshot line"),
        ('{"lastUpdateId":10,"bids":[],"asks":[]}', "line 3: a depth snapshot without both sides"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        survey(written(tmp_path / "tape", SNAPSHOT, DEPTH, line, DEPTH))


def test_a_file_that_breaks_off_or_is_empty_or_has_no_times(tmp_path: Path) -> None:
    packed = Path(written(tmp_path / "cut.gz", SNAPSHOT, *[DEPTH] * 50_000))
    packed.write_bytes(packed.read_bytes()[:-40])
    with pytest.raises(ValueError, match=r"cut\.gz.*, after line \d+$"):
        survey(str(packed))
    (tmp_path / "empty").write_text("")
    with pytest.raises(ValueError, match="is empty"):
        survey(str(tmp_path / "empty"))
    (tmp_path / "csv").write_text(f"2024-08-08T00:00:00Z,{SNAPSHOT}\n")
    with pytest.raises(ValueError, match="line 1: must begin with nanoseconds since 1970"):
        survey(str(tmp_path / "csv"))
