"""Client order ids: fixed width, unique for ever, recognisable as ours.

"TE" + installation (5) + epoch of this start (8, random) + counter (8) + check character (1): 24 characters of
Crockford's base32, well within OKX's 32 alphanumerics. A restart or a restored backup draws a new epoch, so no id can
come twice even if the counter does (FAULTS A6, E6).
"""

from app.clock import Clock

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PREFIX = "TE"
ORDER_PREFIX = "ord-"
"""How our order ids begin, which are client order ids otherwise."""
INSTALLATION_LENGTH = 5
EPOCH_LENGTH = 8
COUNTER_LENGTH = 8
LENGTH = len(PREFIX) + INSTALLATION_LENGTH + EPOCH_LENGTH + COUNTER_LENGTH + 1


def encode_base32(number: int, length: int) -> str:
    """`number` in `length` characters. Raises OverflowError when it does not fit."""
    if number < 0 or number >= 32**length:
        raise OverflowError(f"{number} does not fit {length} base32 characters")
    return "".join([ALPHABET[number >> shift & 31] for shift in range(5 * (length - 1), -1, -5)])


def random_text(clock: Clock, length: int) -> str:
    """`length` random base32 characters."""
    return "".join(ALPHABET[byte & 31] for byte in clock.token(length))


def check_character(body: str) -> str:
    """Catches any one wrong character and any swap of neighbours: a Reed-Solomon check symbol over the 32 elements of
    GF(2^5), one for each character (a sum modulo 31 takes two of 32 characters for the same)."""
    return ALPHABET[_fold(0, body)]


_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_TIMES_X = tuple((value << 1) ^ (0b100101 if value & 16 else 0) for value in range(32))
"""Multiplication by x modulo x^5 + x^2 + 1, which is primitive."""


def _fold(state: int, text: str) -> int:
    for character in text:
        state = _TIMES_X[state ^ _VALUES[character]]
    return state


def drawn_by_an_executor(client_order_id: str) -> bool:
    """Whether an id has the form of ours: drawn by this installation or by another one of this program."""
    return (
        len(client_order_id) == LENGTH
        and client_order_id.startswith(PREFIX)
        and _VALUES.keys() >= set(client_order_id)
        and client_order_id[-1] == check_character(client_order_id[:-1])
    )


class OrderIds:
    """Draws ids for one installation and one start; use_installation() comes first."""

    def __init__(self, clock: Clock) -> None:
        self.prefix = ""
        self._clock = clock
        self._stem = ""
        self._stem_state = 0
        self._counter = 0
        self._head, self._head_state = "", 0
        """An id but for the counter's last character and the check, which 32 ids share."""

    def use_installation(self, installation: str) -> None:
        """The name that this database gave itself; a new epoch begins."""
        self.prefix = PREFIX + installation
        self._stem = self.prefix + random_text(self._clock, EPOCH_LENGTH)
        self._stem_state = _fold(0, self._stem)
        self._counter, self._head = 0, ""

    def draw(self) -> str:
        """The next client order id. Raises RuntimeError before use_installation()."""
        if not self._stem:
            raise RuntimeError("no installation yet: ids would not be recognisable as ours")
        self._counter += 1
        last = self._counter & 31
        if not last or not self._head:
            high = encode_base32(self._counter >> 5, COUNTER_LENGTH - 1)
            self._head, self._head_state = self._stem + high, _fold(self._stem_state, high)
        return f"{self._head}{ALPHABET[last]}{ALPHABET[_TIMES_X[self._head_state ^ last]]}"

    def ours(self, client_order_id: str) -> bool:
        """Whether an id that the venue shows was drawn by this installation, now or ever."""
        return client_order_id.startswith(self.prefix) and drawn_by_an_executor(client_order_id)
