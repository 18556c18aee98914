"""What a user can set: defaults, overlaid by trading-executor.toml, the environment, secret files, then the caller.

The only reader of the environment, imported by main, cli and system alone. `load_settings` is the way in: its errors
are one line each and name field, value (never a secret's) and rule. docs/configuration.md lists every name.
"""

from __future__ import annotations

import difflib
import ipaddress
import json
import math
import os
import re
import stat
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as UnreadableValueError

from app.domain.money import exact
from app.domain.refusals import InvalidValue
from app.store import address
from app.store.address import DatabaseAddress

PREFIX = "TRADING_EXECUTOR_"
TOML_FILE = "trading-executor.toml"
API_KEY_LENGTH_MIN = 24

# Names that carry no prefix: the user's specification fixes them.
_PLAIN_NAMES = {"okx_api_key", "okx_secret_key", "okx_passphrase", "okx_rest_url", "okx_ws_url", "database_url"}
_SECRETS = ("okx_api_key", "okx_secret_key", "okx_passphrase", "database_url", "api_key", "okx_proxy")
# Where the file stands, for those who keep it elsewhere.
_FILE_NAMES = {f"{PREFIX}CONFIG"}

# Hosts by environment (OKX v5 documentation, 2026); demo shares the REST host and differs by a header.
_OKX_REST_URL = {
    "simulated": "http://127.0.0.1:8900",
    "demo": "https://www.okx.com",
    "live": "https://www.okx.com",
}
_OKX_WS_URL = {
    "simulated": "ws://127.0.0.1:8900/ws/v5",
    "demo": "wss://wspap.okx.com:8443/ws/v5",
    "live": "wss://ws.okx.com:8443/ws/v5",
}

# Always served: the own command line and a container's health check come by them.
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")

_WORDS = {"true": True, "false": False, "none": None, "null": None}
# Keys of the risk table that hold names.
_LISTS = frozenset({"allowed_instruments"})

# What other programs call them.
_MEANT = {
    "OKX_API_SECRET": "OKX_SECRET_KEY",
    "OKX_API_SECRET_KEY": "OKX_SECRET_KEY",
    "OKX_SECRET": "OKX_SECRET_KEY",
    "OKX_SECRETKEY": "OKX_SECRET_KEY",
    "OKX_KEY": "OKX_API_KEY",
    "OKX_APIKEY": "OKX_API_KEY",
    "OKX_PASSWORD": "OKX_PASSPHRASE",
    "OKX_API_PASSPHRASE": "OKX_PASSPHRASE",
    "OKX_API_PASSWORD": "OKX_PASSPHRASE",
    "DATABASE_URI": "DATABASE_URL",
}

# OKX v5 cancel-all-after.
_DEAD_MAN_SECONDS = (10, 120)

Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]


class SettingsError(ValueError):
    """Settings that cannot be used; `problems` has one line each, naming field, value and rule."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Timing(BaseModel):
    """The system's time constants, in seconds. Their relations are checked: a lease outlives what it protects."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    request_timeout_seconds: Seconds = 3
    expiry_seconds: Seconds = 5
    expiry_margin_seconds: Seconds = 2
    read_after_write_lag_seconds: Seconds = 5
    fill_visible_seconds: Seconds = 10
    book_age_max_seconds: Seconds = 2
    lease_seconds: Seconds = 15
    lease_renewal_seconds: Seconds = 5
    lease_skew_seconds: Seconds = 1
    clock_offset_alarm_seconds: Seconds = 1
    clock_offset_stop_seconds: Seconds = 5
    loop_lag_stop_seconds: Seconds = 1
    isolation_seconds: Seconds = 1
    cancel_seconds: Seconds = 1
    kill_seconds: Seconds = 10
    convergence_seconds: Seconds = 30
    audit_period_seconds: Seconds = 30
    alarm_seconds: Seconds = 5
    quiescent_seconds: Seconds = 10
    parent_end_seconds: Seconds = 30
    recovery_seconds_per_1000_orders: Seconds = 10
    stale_request_seconds: Seconds = 60
    dead_man_seconds: Seconds = 30
    dead_man_feed_seconds: Seconds = 5

    @model_validator(mode="after")
    def _check_relations(self) -> Self:
        for smaller, larger in (
            ("lease_renewal_seconds", "lease_seconds"),
            ("lease_skew_seconds", "lease_renewal_seconds"),
            ("expiry_seconds", "lease_seconds"),
            ("clock_offset_alarm_seconds", "clock_offset_stop_seconds"),
            ("dead_man_feed_seconds", "dead_man_seconds"),
        ):
            low, high = getattr(self, smaller), getattr(self, larger)
            if low >= high:
                raise ValueError(f"{smaller} {low:g} must be below {larger} {high:g}")
        return self


class Settings(BaseSettings):
    """Everything a user can set, checked once. Frozen; secrets print as asterisks."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    data_dir: Path = Path("data")
    database_url: SecretStr = SecretStr("")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    api_key: SecretStr | None = None
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    api_docs: bool | None = None

    exchange: Literal["okx", "memory"] = "okx"
    environment: Literal["simulated", "demo", "live"] = "simulated"
    account: str = Field(default="main", pattern=r"^[A-Za-z0-9_-]{1,32}$")
    okx_api_key: SecretStr | None = None
    okx_secret_key: SecretStr | None = None
    okx_passphrase: SecretStr | None = None
    okx_rest_url: str = ""
    okx_ws_url: str = ""
    okx_proxy: str | None = Field(default=None, repr=False, pattern=r"^https?://[^/\s?#]+/?$")
    # What the account is declared to be; the start refuses one that differs. None is not declared.
    okx_expected_uid: str | None = Field(default=None, pattern=r"^[0-9]{1,32}$")
    okx_expected_hedged: bool | None = None
    okx_expected_level: Literal["spot", "futures", "multi_currency", "portfolio"] | None = None
    okx_withdraw_permission_allowed: bool = False
    dead_man: Literal["auto", "true", "false"] = "auto"
    # Whether spot buys pay their fee beside the price; an exchange may say so itself.
    buy_fee_in_quote: bool = False
    # What the account is valued and limited in; empty: USDT, or what stands for it (docs/configuration.md).
    valuation_currency: str = Field(default="", pattern=r"^([A-Z0-9]{1,16})?$")
    # Taken for one another where no market between them has a fresh price.
    par_currencies: Annotated[tuple[str, ...], NoDecode] = ("USD", "USDT", "USDC")

    log_format: Literal["console", "json"] = "console"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    # The specification's risk_config. Its keys are checked by ExecutionRiskControl, which owns them.
    risk: dict[str, Decimal | bool | tuple[str, ...] | None] = Field(default_factory=dict)
    timing: Timing = Timing()

    @field_validator("risk", mode="before")
    @classmethod
    def _exact_decimals(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value  # pydantic names the wrong type
        return {key: _exact(key, item) for key, item in value.items()}

    @field_validator("allowed_hosts", "par_currencies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        """By commas, or as JSON; "none" is an empty list, for an empty variable is one that is not set."""
        if not isinstance(value, str) or value.lstrip().startswith("["):
            return tuple(json.loads(value)) if isinstance(value, str) else value
        return tuple(part.strip() for part in value.split(",") if part.strip() and part.strip() != "none")

    @field_validator("par_currencies")
    @classmethod
    def _currencies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [currency for currency in value if not re.fullmatch(r"[A-Z0-9]{1,16}", currency)]:
            raise ValueError(f"{wrong[0]!r}: a currency is written in capitals and digits, such as USDC")
        return value

    @field_validator("dead_man", mode="before")
    @classmethod
    def _as_word(cls, value: Any) -> Any:
        return str(value).lower() if isinstance(value, bool | str) else value

    @field_validator("okx_expected_uid", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("api_key")
    @classmethod
    def _strong(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < API_KEY_LENGTH_MIN:
            raise ValueError(f"must have at least {API_KEY_LENGTH_MIN} characters")
        return value

    @field_validator("okx_api_key", "okx_secret_key", "okx_passphrase", "api_key", "database_url", mode="before")
    @classmethod
    def _without_blanks(cls, value: Any) -> Any:
        """A secret that was pasted with a line's end around it is the secret all the same."""
        if isinstance(value, SecretStr):
            return SecretStr(value.get_secret_value().strip())
        return value.strip() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: SecretStr) -> SecretStr:
        if url := value.get_secret_value():
            address.parse(url)
        return value

    @field_validator("okx_rest_url", "okx_ws_url")
    @classmethod
    def _base_address(cls, value: str, info: Any) -> str:
        schemes = ("http", "https") if info.field_name == "okx_rest_url" else ("ws", "wss")
        parts = urlsplit(value)
        if value and (parts.scheme not in schemes or not parts.hostname or parts.query or parts.fragment):
            raise ValueError(f"must be {schemes[0]}://HOST[:PORT][/PATH] or {schemes[1]}://..., without a query")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Fill what depends on other fields, then check what only the whole can show."""
        fill = object.__setattr__  # frozen for everybody else
        if not self.database_url.get_secret_value():
            path = (self.data_dir / "trading-executor.db").as_posix()
            fill(self, "database_url", SecretStr(f"sqlite:///{path}"))
        fill(self, "okx_rest_url", self.okx_rest_url or _OKX_REST_URL[self.environment])
        fill(self, "okx_ws_url", self.okx_ws_url or _OKX_WS_URL[self.environment])
        own = () if self.host in {"0.0.0.0", "::", "::1"} else (self.host,)  # noqa: S104 - compared only
        fill(self, "allowed_hosts", tuple(dict.fromkeys((*_LOOPBACK_NAMES, *(self.allowed_hosts or own)))))
        self._check_environment()
        self._check_dead_man()
        return self

    def _check_dead_man(self) -> None:
        seconds = self.timing.dead_man_seconds
        if self.dead_man_armed and not _DEAD_MAN_SECONDS[0] <= seconds <= _DEAD_MAN_SECONDS[1]:
            low, high = _DEAD_MAN_SECONDS
            raise ValueError(f"timing dead_man_seconds {seconds:g} must be {low} to {high}, which is what OKX takes")

    def _check_environment(self) -> None:
        for name in ("okx_rest_url", "okx_ws_url"):
            url = urlsplit(getattr(self, name))
            host = url.hostname or ""
            if self.environment == "simulated" and (host == "okx.com" or host.endswith(".okx.com")):
                raise ValueError(f"{name} {host!r}: environment 'simulated' never talks to okx.com; say demo or live")
            if self.environment == "live" and url.scheme in {"http", "ws"} and not is_loopback(host):
                raise ValueError(f"{name} {url.scheme}://{host}: live orders to another machine need TLS")

    @property
    def is_real_exchange(self) -> bool:
        return self.exchange != "memory" and self.environment != "simulated"

    @property
    def dead_man_armed(self) -> bool:
        """Whether the exchange is to cancel everything when it no longer hears from us; auto: at a real exchange."""
        return self.dead_man == "true" or (self.dead_man == "auto" and self.is_real_exchange)

    @property
    def api_key_required(self) -> bool:
        """With a real exchange, or when other machines can reach the API."""
        return self.is_real_exchange or not is_loopback(self.host)

    @property
    def database_address(self) -> DatabaseAddress:
        """What database_url says."""
        return address.parse(self.database_url.get_secret_value())

    @property
    def database_url_shown(self) -> str:
        """The database's URL for eyes: its password is three asterisks."""
        return self.database_address.shown

    def secret_values(self) -> list[str]:
        """Every secret's text, for the log's redaction: credentials, API key, passwords of database and proxy."""
        given = (self.okx_api_key, self.okx_secret_key, self.okx_passphrase, self.api_key)
        values = [secret.get_secret_value() for secret in given if secret]
        proxy_password = urlsplit(self.okx_proxy or "").password
        return [*values, *self.database_address.secrets, *([proxy_password] if proxy_password else [])]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = Path(os.environ.get(f"{PREFIX}CONFIG", TOML_FILE))
        _check_toml(toml, required=f"{PREFIX}CONFIG" in os.environ)
        files = _NamedSource(settings_cls, _from_files())
        plain = _NamedSource(settings_cls, _from_plain_names())
        return init_settings, files, plain, env_settings, TomlConfigSettingsSource(settings_cls, toml)


def load_settings(**overrides: Any) -> Settings:
    """The settings in force. Overrides (the command line's options) win over every source; None means not given.

    Raises SettingsError, whose lines carry no secret.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    problems = _unknown_names()
    if problems:
        raise SettingsError(problems)
    try:
        return Settings(**given)
    except ValidationError as error:
        problems = [_problem(detail) for detail in error.errors(include_url=False)]
    except UnreadableValueError as error:  # a table in one variable that is not JSON
        problems = [f"{PREFIX}{name.upper()}: must be JSON" for name in ("risk", "timing") if f'"{name}"' in str(error)]
        problems = problems or ["a setting in the environment is not readable"]
    raise SettingsError(problems)  # outside the handler: a chained ValidationError would hold the inputs


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def environment_name(field: str) -> str:
    """The environment variable of a field: OKX_API_KEY, TRADING_EXECUTOR_DATA_DIR."""
    return field.upper() if field in _PLAIN_NAMES else PREFIX + field.upper()


class _NamedSource(PydanticBaseSettingsSource):
    """Values read elsewhere, by field name."""

    def __init__(self, settings_cls: type[BaseSettings], values: dict[str, Any]) -> None:
        super().__init__(settings_cls)
        self._values = values

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return self._values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return dict(self._values)


def _from_plain_names() -> dict[str, str]:
    return {name: value for name in sorted(_PLAIN_NAMES) if (value := os.environ.get(name.upper()))}


def _from_files() -> dict[str, str]:
    """NAME_FILE holds the path of a file with the value: Docker's and systemd's way to hand over a secret."""
    values: dict[str, str] = {}
    for name in _SECRETS:
        variable = f"{environment_name(name)}_FILE"
        path = os.environ.get(variable)
        if not path:
            continue
        try:
            values[name] = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "is not UTF-8 text"
            raise SettingsError([f"{variable}: {path}: {reason}"]) from None
        if not values[name]:
            raise SettingsError([f"{variable}: {path}: the file is empty"])
    return values


def _check_toml(path: Path, *, required: bool) -> None:
    """The file must be readable TOML, and private when it holds a secret."""
    if not path.exists():
        if required:
            raise SettingsError([f"{PREFIX}CONFIG: {path}: no such file"])
        return
    try:
        names = set(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError([f"{path}: {error}"]) from None
    secret = sorted(names.intersection(_SECRETS))
    mode = stat.S_IMODE(path.stat().st_mode)
    if secret and mode & 0o077:
        raise SettingsError([f"{path}: mode {mode:04o}: holds {secret[0]}, so it must be 0600"])


def _unknown_names() -> list[str]:
    """A misspelt variable would become a default in silence: refuse it, and say what was probably meant."""
    fields = set(Settings.model_fields)
    known = {environment_name(name) for name in fields} | _FILE_NAMES
    known |= {f"{environment_name(name)}_FILE" for name in _SECRETS}
    problems: list[str] = []
    for variable in sorted(os.environ):
        nested = variable.partition("__")[0] in {f"{PREFIX}RISK", f"{PREFIX}TIMING"} and "__" in variable
        if not variable.startswith(PREFIX) or variable in known or nested:
            continue
        near = difflib.get_close_matches(variable, sorted(known), n=1)
        problems.append(f"{variable}: unknown setting" + (f"; did you mean {near[0]}?" if near else ""))
    return problems + _near_names()


def _near_names() -> list[str]:
    """Names without our prefix may be another program's: one is refused only where the name that it is near to is
    missing, for then it was meant for us."""
    problems: list[str] = []
    known = {name.upper() for name in _PLAIN_NAMES}
    known |= {f"{name.upper()}_FILE" for name in _PLAIN_NAMES.intersection(_SECRETS)}
    missing = {name for name in known if not (name in os.environ or f"{name}_FILE" in os.environ)}
    for variable in sorted(os.environ):
        if not variable.startswith(("OKX_", "DATABASE_")) or variable in known:
            continue
        meant = _MEANT.get(variable) or next(iter(difflib.get_close_matches(variable, sorted(known), 1, 0.85)), None)
        if meant in missing:
            problems.append(f"{variable}: unknown setting; did you mean {meant}?")
    return problems


def _exact(key: str, value: Any) -> Any:
    """A configured value of the risk table: a float as the decimal of its shortest repr, a text as what it says."""
    if isinstance(value, str):
        value = _read(key, value)
    if isinstance(value, list | tuple):
        return tuple(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{key} {value!r}: must be finite")
        value = Decimal(repr(value))
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError(f"{key} {value}: must be finite")
    return Decimal(value) if isinstance(value, int) else value


def _read(key: str, text: str) -> Any:
    """What a variable's text says: none, true or false, a list (JSON, or separated by commas), or a number."""
    word = text.strip()
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    if key in _LISTS:
        try:
            return json.loads(word) if word.startswith("[") else [part.strip() for part in word.split(",")]
        except ValueError:
            raise ValueError(f"{key} {text!r}: must be a JSON list, or names separated by commas") from None
    try:
        return exact(key, text)
    except InvalidValue:
        raise ValueError(f"{key} {text!r}: must be a number, true or false") from None


def _problem(detail: Any) -> str:
    """One line for one of pydantic's findings."""
    path = [str(part) for part in detail["loc"]]
    message = str(detail["msg"]).removeprefix("Value error, ")
    if not path:
        return message
    name = "__".join([environment_name(path[0]), *(part.upper() for part in path[1:])])
    if detail["type"] == "extra_forbidden":
        candidates = set(Timing.model_fields if path[0] == "timing" else Settings.model_fields)
        near = difflib.get_close_matches(path[-1], sorted(candidates), n=1)
        return f"{'.'.join(path)}: unknown setting" + (f"; did you mean {near[0]}?" if near else "")
    if path[0] in _SECRETS:
        return f"{name}: {message}"
    value = detail.get("input")
    shown = "" if isinstance(value, dict | BaseModel) else f" {value!r}:"
    return f"{name}:{shown} {message[:1].lower()}{message[1:]}"
