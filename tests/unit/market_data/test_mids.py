"""What the mid was, second by second, as the feed keeps it: never of a book that cannot be used."""

from decimal import Decimal

from app.market_data.mids import MIDS_MAX, NS_PER_SECOND, Mids

D = Decimal


def test_the_last_mid_of_a_second_in_which_it_changed_is_kept() -> None:
    mids = Mids()
    for at, mid in ((0.1, 5), (0.9, 6), (1.5, 6), (2.0, 7), (2.5, 8), (9.9, 5)):
        mids.note(D(mid), int(at * NS_PER_SECOND))
    assert mids.seen == ((0, D(6), D(0)), (2 * NS_PER_SECOND, D(8), D(4)), (9 * NS_PER_SECOND, D(5), D(13)))


def test_a_clock_that_was_set_back_begins_anew_and_the_window_is_bounded() -> None:
    mids = Mids()
    mids.note(D(5), 100 * NS_PER_SECOND)
    mids.note(D(5), 50 * NS_PER_SECOND)
    assert mids.seen == ((50 * NS_PER_SECOND, D(5), D(0)),)
    for k in range(1_000):
        mids.note(D(k), (60 + k) * NS_PER_SECOND)
    assert len(mids.seen) == MIDS_MAX
    assert mids.seen[-1][:2] == (1_059 * NS_PER_SECOND, D(999))
