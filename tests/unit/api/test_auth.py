"""API keys: made once, kept private, compared as digests."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.auth import KeyFileError, KeyRing, ensure_key, presented_key
from app.clock import SystemClock
from app.domain.access import OF_LEGACY


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


def test_the_ring_knows_its_keys_and_nothing_of_them() -> None:
    ring = KeyRing.of(["k" * 32, "m" * 32])
    assert ring.grant("k" * 32) == ring.grant("m" * 32) == OF_LEGACY
    assert ring.grant(None) is None
    assert "kkkk" not in repr(ring)
    assert KeyRing(()).grant("") is None


@given(st.text(max_size=80))
def test_no_other_text_opens(text: str) -> None:
    assert KeyRing.of(["k" * 32]).grant(text) is None


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ([], None),
        ([(b"x-api-key", b" abc ")], "abc"),
        ([(b"authorization", b"Bearer abc")], "abc"),
        ([(b"authorization", b"BEARER  abc")], "abc"),
        ([(b"authorization", b"Basic abc")], None),
        ([(b"x-api-key", b"abc"), (b"authorization", b"Bearer abc")], "abc"),
        ([(b"x-api-key", b"abc"), (b"authorization", b"Bearer other")], None),
        ([(b"x-api-key", b"\xff")], "\xff"),
    ],
)
def test_where_a_key_is_looked_for(headers: list[tuple[bytes, bytes]], key: str | None) -> None:
    assert presented_key(headers) == key
