"""REST front door: paths, authentication, rate limits, envelopes. The handlers stand beside it.

A handler returns rows (a list) or a Refusal; order-changing ones return a doors.actions.Result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from app.simulator.codes import Refusal, http_status, refuse, refuse_any
from app.simulator.config import Config
from app.simulator.doors.actions import Result
from app.simulator.doors.limits import RateLimiter
from app.simulator.doors.signing import TOLERANCE_NS, matches, rest_timestamp_ns
from app.simulator.doors.spoil import KNOB, spoiled
from app.simulator.faults import Faults
from app.simulator.market.instruments import is_whole
from app.simulator.now import Now
from app.simulator.trading.accounts import Account

MS = 1_000_000
DECODER = msgspec.json.Decoder(float_hook=str)
BODY_MAX = 1 << 20
JSON_HEADERS = {"Content-Type": "application/json; charset=UTF-8"}
NOT_FOUND = {
    "code": 404,
    "data": {},
    "detailMsg": "",
    "error_code": "404",
    "error_message": "Not Found",
    "msg": "Not Found",
}
Params = dict[str, Any]


class Response(NamedTuple):
    """An HTTP answer. The transport holds it for `delay_ns`; with `cut` it closes the connection and sends nothing;
    with `drop` it never answers but keeps the connection open."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    delay_ns: int = 0
    cut: bool = False
    drop: bool = False


@dataclass(slots=True)
class Request:
    """A decoded request: `params` is the query or the body's object, `items` the body's array or [params]."""

    account: Account | None
    params: Params
    items: list[Any]
    exp_time: str
    user: str


Handler = Callable[[Request], "list[Any] | Refusal | Result"]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. `limit` names its limit where that is not its path; order routes without it pass their own."""

    handler: Handler
    private: bool = False
    writes: bool = False
    orders: bool = False
    limit: str = ""


class RestDoor:
    """Dispatches raw HTTP requests."""

    def __init__(
        self,
        config: Config,
        now: Now,
        accounts_by_key: Mapping[str, Account],
        limiter: RateLimiter,
        faults: Faults,
        routes: Mapping[tuple[str, str], Route],
        response_delay_ns: Callable[[], int],
    ) -> None:
        self._config = config
        self._now = now
        self._accounts = accounts_by_key
        self._limiter = limiter
        self._faults = faults
        self._routes = routes
        self._response_delay_ns = response_delay_ns

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Answer one request; `target` is the raw path with query as received."""
        path, _, query = target.partition("?")
        route = self._routes.get((method.upper(), path.removeprefix("/api/v5/")))
        if route is None or not path.startswith("/api/v5/"):
            return Response(404, JSON_HEADERS, msgspec.json.encode(NOT_FOUND))
        if self._faults.fires("outage"):
            status = int(self._faults.value("outage", 503))
            return Response(status, {"Content-Type": "text/html"}, b"<html><body>Service Unavailable</body></html>")
        lower = {name.lower(): value for name, value in headers.items()}
        account = self._authenticate(route, method.upper(), target, lower, body)
        if isinstance(account, Refusal):
            return self._refused(account)
        request = self._read(account, method.upper(), query, body, lower)
        if isinstance(request, Refusal):
            return self._refused(request)
        if not self._allow(route, path, request):
            return self._refused(refuse("50011"))
        if account is not None and not route.writes and self._faults.fires("busy"):
            return self._refused(refuse("50013"))
        if route.orders:
            return self._orders(route, request)
        answer = self._answer(route.handler(request))
        if self._faults.active(KNOB):
            answer = answer._replace(body=spoiled(self._faults, path.removeprefix("/api/v5/"), answer.body))
        return answer

    # -- orders, with faults ---------------------------------------------------------------------------------------

    def _orders(self, route: Route, request: Request) -> Response:
        faults = self._faults
        if faults.fires("cut_before_accept"):
            return Response(0, {}, b"", cut=True)
        if faults.fires("drop_request"):
            return Response(0, {}, b"", drop=True)
        if faults.fires("error_not_taken"):
            return self._fault_answer("error_not_taken")
        in_us = self._now.ns // 1000
        outcome = route.handler(request)
        if faults.fires("cut_after_accept"):
            return Response(0, {}, b"", cut=True)
        if faults.fires("drop_reply"):
            return Response(0, {}, b"", drop=True)
        if faults.fires("error_taken"):
            return self._fault_answer("error_taken")
        delay = int(faults.value("delay_reply", 2000)) * MS if faults.fires("delay_reply") else 0
        return self._answer(outcome, in_us, delay)

    def _fault_answer(self, knob: str) -> Response:
        code = str(self._faults.value(knob, "50004"))
        if code in ("502", "503", "504"):
            return Response(int(code), {"Content-Type": "text/html"}, b"<html><body>Bad Gateway</body></html>")
        return self._refused(refuse_any(code))

    # -- reading ---------------------------------------------------------------------------------------------------

    def _allow(self, route: Route, path: str, request: Request) -> bool:
        if route.orders and not route.limit:
            return True
        name = route.limit or path.removeprefix("/api/v5/")
        first = request.items[0] if request.items and isinstance(request.items[0], dict) else {}
        cost = max(1, len(request.items))
        return self._limiter.allow_path(name, request.user, str(first.get("instId", "")), self._now.ns, cost)

    def _read(
        self, account: Account | None, method: str, query: str, body: bytes, headers: Mapping[str, str]
    ) -> Request | Refusal:
        user = account.name if account else headers.get("x-forwarded-for", "")
        if method == "GET":
            params: Params = dict(parse_qsl(query))
            return Request(account, params, [params], "", user)
        if not body:
            return refuse("50000")
        if len(body) > BODY_MAX:
            return refuse("50002")
        if "json" not in headers.get("content-type", "application/json").lower():
            return refuse("50006")
        try:
            decoded = DECODER.decode(body)
        except (msgspec.DecodeError, RecursionError):
            return refuse("50002")
        exp_time = headers.get("exptime", "")
        if isinstance(decoded, list):
            return Request(account, {}, decoded, exp_time, user)
        if not isinstance(decoded, dict):
            return refuse("50002")
        kept = {str(key): value for key, value in decoded.items() if value is not None and value != ""}
        return Request(account, kept, [kept], exp_time, user)

    def _authenticate(
        self, route: Route, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Account | Refusal | None:
        demo = headers.get("x-simulated-trading") == "1"
        if not route.private:
            return None
        for name, code in (("key", "50103"), ("sign", "50106"), ("timestamp", "50107"), ("passphrase", "50104")):
            if not headers.get(f"ok-access-{name}"):
                return refuse(code)
        account = self._accounts.get(headers["ok-access-key"])
        if account is None:
            return refuse("50111")
        if account.revoked:
            return refuse_any(account.revoked)
        if self._config.environment != "any" and demo != (self._config.environment == "demo"):
            return refuse("50101")
        stamp = headers["ok-access-timestamp"]
        stamp_ns = rest_timestamp_ns(stamp)
        if stamp_ns is None:
            return refuse("50112")
        if abs(stamp_ns - self._now.shown_ns) > TOLERANCE_NS:
            return refuse("50102")
        if headers["ok-access-passphrase"] != account.config.passphrase:
            return refuse("50105")
        signed = (method + target).encode() + body
        if not matches(account.config.secret, stamp, signed, headers["ok-access-sign"]):
            return refuse("50113")
        if route.writes and "trade" not in account.config.permissions:
            return refuse("50120")
        return account

    # -- answering -------------------------------------------------------------------------------------------------

    def _refused(self, refusal: Refusal) -> Response:
        status = http_status(refusal.code)
        body: dict[str, Any] = {"msg": refusal.message, "code": refusal.code}
        if status not in (401, 429):
            body["data"] = []
        return Response(status, JSON_HEADERS, msgspec.json.encode(body), self._response_delay_ns())

    def _answer(self, outcome: list[Any] | Refusal | Result, in_us: int = 0, delay_ns: int = 0) -> Response:
        delay = delay_ns + self._response_delay_ns()
        if isinstance(outcome, Refusal):
            return self._refused(outcome)._replace(delay_ns=delay)
        if isinstance(outcome, list):
            return Response(200, JSON_HEADERS, msgspec.json.encode({"code": "0", "data": outcome, "msg": ""}), delay)
        if not outcome.rows:
            return self._refused(Refusal(outcome.code, outcome.msg))._replace(delay_ns=delay)
        body = {
            "code": outcome.code,
            "data": outcome.rows,
            "inTime": str(in_us),
            "msg": outcome.msg,
            "outTime": str(self._now.ns // 1000 + 1),
        }
        return Response(200, JSON_HEADERS, msgspec.json.encode(body), delay)


_WHOLE = re.compile(r"^\d{1,19}$")


def whole(params: Params, name: str, default: int, most: int) -> int | Refusal:
    """An integer query parameter within 1..most."""
    raw = str(params.get(name, default))
    if not _WHOLE.match(raw) or not int(raw) > 0:
        return refuse("51000", name)
    return min(int(raw), most)


def page_newest(rows: Iterable[Any], params: Params, key: Callable[[Any], int], most: int = 100) -> list[Any] | Refusal:
    """`page` over rows that come newest first and may be very many: stops reading as soon as it can."""
    limit = whole(params, "limit", min(100, most), most)
    if isinstance(limit, Refusal):
        return limit
    bounds: dict[str, int] = {}
    for name in ("after", "before"):
        if name in params:
            if not _WHOLE.match(str(params[name])):
                return refuse("51000", name)
            bounds[name] = int(params[name])
    found: list[Any] = []
    for row in rows:
        number = key(row)
        if "before" in bounds and number <= bounds["before"]:
            break
        if number < bounds.get("after", 10**20):
            found.append(row)
        if len(found) >= limit and ("before" not in bounds or "after" in bounds):
            break
    return found[-limit:]


def page(rows: list[Any], params: Params, key: Callable[[Any], int], most: int = 100) -> list[Any] | Refusal:
    """OKX paging over rows newest first: `after` older than, `before` newer than the id, at most `limit`."""
    limit = whole(params, "limit", min(100, most), most)
    if isinstance(limit, Refusal):
        return limit
    for name in ("after", "before"):
        if name in params and not _WHOLE.match(str(params[name])):
            return refuse("51000", name)
    if "after" in params:
        rows = [row for row in rows if key(row) < int(params["after"])]
    if "before" in params:
        rows = [row for row in rows if key(row) > int(params["before"])]
        return rows[-limit:] if "after" not in params else rows[:limit]
    return rows[:limit]


def within(params: Params, ms: int) -> bool:
    """Is `ms` inside the begin and end parameters, where given?"""
    begin, end = str(params.get("begin", "")), str(params.get("end", ""))
    return (not is_whole(begin) or ms >= int(begin)) and (not is_whole(end) or ms <= int(end))
