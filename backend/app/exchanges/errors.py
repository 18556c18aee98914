"""What can go wrong with an exchange, as exceptions.

ExchangeError
 ├─ ExchangeUnavailable   not reachable, or busy; nothing was changed; reads may be tried again within their budget
 ├─ ExchangeRefused       a definite refusal of a read (code and message of the venue)
 ├─ AccessRefused         key, signature, passphrase, permission or address refused: stop trading, do not retry
 ├─ NotOffered            the venue has not what is asked for; asking again in a moment does not help
 └─ ProtocolError         the venue sent what we cannot read; carries the raw text

Orders, amends and cancels do not raise: their answer is an Outcome (port.py).
"""


class ExchangeError(Exception):
    """Base of all errors of the exchange port."""


class ExchangeUnavailable(ExchangeError):
    pass


class ExchangeRefused(ExchangeError):
    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(f"exchange refused: code {code}: {message}")


class AccessRefused(ExchangeRefused):
    pass


class NotOffered(ExchangeError):
    pass


class ProtocolError(ExchangeError):
    def __init__(self, message: str, raw: str = "") -> None:
        self.raw = raw[:4096]
        super().__init__(message)
