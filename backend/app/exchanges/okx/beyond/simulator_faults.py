"""The fault knobs of the simulator that an account trades on. Made for environment `simulated` alone: of OKX itself
nothing of this is ever asked. Each request has a connection of its own: whatever is broken of the others can be
repaired."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from app.domain.refusals import InvalidValue
from app.exchanges.errors import ExchangeUnavailable, NotOffered, ProtocolError
from app.exchanges.okx.aiohttp_transport import AiohttpTransport
from app.exchanges.okx.rest import TRANSPORT_ERRORS
from app.exchanges.okx.transport import Response, Transport
from app.exchanges.port import FaultKnob

PATH = "/simulator/v1/faults"


class SimulatorFaults:
    """A FaultKnobs (port.py). rest_url: of the simulator, which lets only its own machine turn them."""

    def __init__(
        self, rest_url: str, timeout_seconds: float, open_transport: Callable[[], Transport] = AiohttpTransport
    ) -> None:
        self._url = rest_url.rstrip("/") + PATH
        self._timeout_seconds = timeout_seconds
        self._open_transport = open_transport

    async def read(self) -> Sequence[FaultKnob]:
        return _knobs(await self._ask("GET"))

    async def arm(self, name: str, probability: float, times: int | None, value: str | None) -> None:
        await self._ask("POST", {"knobs": {name: {"probability": probability, "times": times, "value": value}}}, name)

    async def repair(self, name: str | None) -> None:
        await self._ask("POST", {"clear": True} if name is None else {"knobs": {name: None}}, name or "")

    async def _ask(self, method: str, said: Mapping[str, Any] | None = None, name: str = "") -> bytes:
        headers = {"Content-Type": "application/json"}
        body = "" if said is None else msgspec.json.encode(said).decode()
        transport = self._open_transport()
        try:
            response = await transport.request(method, self._url, headers, body, self._timeout_seconds)
        except TRANSPORT_ERRORS as error:
            raise ExchangeUnavailable(f"the simulated exchange: {type(error).__name__} {error}".rstrip()) from error
        finally:
            await transport.close()
        return _taken(response, name, self._url)


def _taken(response: Response, name: str, url: str) -> bytes:
    """The body of what was answered with yes. Raises InvalidValue for what the simulator does not take, NotOffered."""
    if response.status == 200:
        return response.body
    if response.status == 400:
        raise InvalidValue("name", name, str(_read(response.body).get("error", "is not taken")))
    raise NotOffered(
        f"{url} answered with HTTP {response.status}: the exchange there has no faults that can be set here"
    )


def _read(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise ProtocolError(f"the simulated exchange: {error}", body.decode("utf-8", "replace")) from error


def _knobs(body: bytes) -> list[FaultKnob]:
    said = _read(body)
    try:
        known: Mapping[str, str] = said["known"]
        return [_knob(name, what, said["knobs"].get(name)) for name, what in known.items()]
    except (KeyError, TypeError, AttributeError) as error:
        raise ProtocolError(f"the simulated exchange's faults: {error!r}", body.decode("utf-8", "replace")) from error


def _knob(name: str, what: str, given: Mapping[str, Any] | None) -> FaultKnob:
    if given is None:
        return FaultKnob(name, what, armed=False)
    value = given["value"]
    shown = value if value is None or isinstance(value, str) else msgspec.json.encode(value).decode()
    return FaultKnob(
        name,
        what,
        armed=True,
        probability=given["probability"],
        at=list(given["at"]),
        times=given["times"],
        value=shown,
        chances=given["chances"],
        fired=given["fired"],
    )
