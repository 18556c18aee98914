"""API keys: made once, kept private, compared as digests."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.auth import MADE_SIMULATED, KeyFileError, credentials, ensure_key
from app.clock import SystemClock
from app.domain.access import OF_LEGACY
from app.services.trading.account.key_book import KeyBook


def test_a_key_is_made_once_into_a_private_file(tmp_path: Path) -> None:
    first = ensure_key(tmp_path / "data", SystemClock())
    again = ensure_key(tmp_path / "data", SystemClock())
    assert first.created
    assert not again.created
    assert first.value == again.value
    assert len(first.value) >= 40
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o600


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    key = ensure_key(tmp_path, SystemClock())
    key.path.chmod(0o644)
    with pytest.raises(KeyFileError, match="must be 0600") as caught:
        ensure_key(tmp_path, SystemClock())
    assert key.value not in str(caught.value)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "api.key"
    path.touch(0o600)
    with pytest.raises(KeyFileError, match="empty"):
        ensure_key(tmp_path, SystemClock())


def test_the_book_knows_the_keys_and_nothing_of_them() -> None:
    book = KeyBook(SystemClock(), "simulated")
    for text in ("", "k" * 32, "exk_", "exk__", "exk_00_x"):
        assert book.admit(text, None) is None
    book.know_legacy("k" * 32)
    assert book.admit("k" * 32, "10.1.2.3") == OF_LEGACY
    assert book.admit("", None) is None
    assert "kkkk" not in repr(vars(book))


@given(st.text(max_size=80))
def test_no_other_text_opens(text: str) -> None:
    book = KeyBook(SystemClock(), "simulated")
    book.know_legacy("k" * 32)
    assert book.admit(text, None) is None


def test_a_key_made_on_the_simulated_exchange_says_so(tmp_path: Path) -> None:
    assert ensure_key(tmp_path / "a", SystemClock(), simulated=True).value.startswith(MADE_SIMULATED)
    assert not ensure_key(tmp_path / "b", SystemClock()).value.startswith(MADE_SIMULATED)


@pytest.mark.parametrize(
    ("headers", "keys"),
    [
        ([], set()),
        ([(b"x-api-key", b" abc ")], {"abc"}),
        ([(b"authorization", b"Bearer abc")], {"abc"}),
        ([(b"authorization", b"BEARER  abc")], {"abc"}),
        ([(b"authorization", b"Basic abc")], set()),
        ([(b"x-api-key", b"abc"), (b"authorization", b"Bearer abc")], {"abc"}),
        ([(b"x-api-key", b"abc"), (b"authorization", b"Bearer other")], {"abc", "other"}),
        ([(b"x-api-key", b"\xff")], {"\xff"}),
    ],
)
def test_where_a_key_is_looked_for(headers: list[tuple[bytes, bytes]], keys: set[str]) -> None:
    assert credentials(headers) == keys
