"""What a user can set: defaults, overlaid by trading-executor.toml, the environment, secret files, then the caller.

The only reader of the environment, imported by main, cli, system and the chosen_ files alone. `load_settings` is the
way in: its errors are one line each and name field, value (never a secret's) and rule. docs/configuration.md lists
every name.
"""

from __future__ import annotations

import json
import os
import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, InitSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableValueError

from app.domain.approvals import SecondPerson
from app.domain.routes import DEFAULT_PAR
from app.settings.names import PREFIX, SECRETS, environment_name, meant, unknown, unknown_names
from app.settings.sources import (
    NamedSource,
    SettingsError,
    files_read,
    from_files,
    from_plain_names,
    from_toml,
    toml_path,
)
from app.settings.timing import Timing
from app.settings.values import (
    AROUND,
    HOST,
    PROXY_RULE,
    exact_value,
    host_name,
    is_loopback,
    is_proxy,
    network,
    plain_number,
)
from app.store import address
from app.store.address import DatabaseAddress

__all__ = ["Settings", "SettingsError", "Timing", "environment_name", "files_read", "is_loopback", "load_settings"]

API_KEY_LENGTH_MIN = 24

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

# Nothing but blanks is nothing given.
_TABLES = (
    "risk",
    "timing",
    "hooks",
    "signal_sources",
    "channels",
    "notices",
    "alerts",
    "traces",
    "strategies",
    "wheels",
    "oidc",
)
_OPTIONAL_TEXTS = frozenset({"okx_api_key", "okx_secret_key", "okx_passphrase", "okx_proxy", "okx_expected_uid"})

# OKX v5 cancel-all-after.
_DEAD_MAN_SECONDS = (10, 120)


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
    port: Annotated[int, BeforeValidator(plain_number)] = Field(default=8000, ge=0, le=65_535)
    api_key: SecretStr | None = None
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    api_docs: bool | None = None
    # Of an address that other machines reach: TLS of its own, or the networks of proxies that end it.
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    # Single sign-on; its keys are checked by app.api.sign_on, which owns them.
    oidc: dict[str, Any] = Field(default_factory=dict)
    # What one person asks for and another one confirms.
    second_person: Annotated[tuple[SecondPerson, ...], NoDecode] = ()

    exchange: Literal["okx", "memory"] = "okx"
    environment: Literal["simulated", "demo", "live"] = "simulated"
    account: str = Field(default="main", pattern=r"^[A-Za-z0-9_-]{1,32}$")
    okx_api_key: SecretStr | None = None
    okx_secret_key: SecretStr | None = None
    okx_passphrase: SecretStr | None = None
    okx_rest_url: str = ""
    okx_ws_url: str = ""
    okx_proxy: str | None = Field(default=None, repr=False)
    # What the account is declared to be; the start refuses one that differs. None is not declared.
    okx_expected_uid: str | None = Field(default=None, pattern=r"^[0-9]{1,32}$")
    okx_expected_hedged: bool | None = None
    okx_expected_level: Literal["spot", "futures", "multi_currency", "portfolio"] | None = None
    okx_withdraw_permission_allowed: bool = False
    # Which of two orders of the account ends that would trade with each other.
    okx_stp_mode: Literal["cancel_maker", "cancel_taker", "cancel_both"] = "cancel_maker"
    dead_man: Literal["auto", "true", "false"] = "auto"
    # Whether spot buys pay their fee beside the price; an exchange may say so itself.
    buy_fee_in_quote: bool = False
    # What the account is valued and limited in; empty: USDT, or what stands for it (docs/configuration.md).
    valuation_currency: str = Field(default="", pattern=r"^([A-Z0-9]{1,16})?$")
    # Taken for one another where no market between them has a fresh price.
    par_currencies: Annotated[tuple[str, ...], NoDecode] = DEFAULT_PAR

    log_format: Literal["console", "json"] = "console"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    # Where `serve` logs to, in pieces of bounded size; None: standard error.
    log_file: Path | None = None
    # The specification's risk_config. Its keys are checked by ExecutionRiskControl, which owns them.
    risk: dict[str, Decimal | bool | tuple[str, ...] | None] = Field(default_factory=dict)
    timing: Timing = Timing()
    # Whose alerts become signals; their keys are checked by services.signals.hooks, which owns them.
    hooks: dict[str, dict[str, Any]] = Field(default_factory=dict)
    # Where signals are fetched from; their keys are checked by services.signals.sources, which owns them.
    signal_sources: dict[str, dict[str, Any]] = Field(default_factory=dict)
    # Where people are told, and of what; their keys are checked by notifications.chosen, which owns them.
    channels: dict[str, dict[str, Any]] = Field(default_factory=dict)
    notices: dict[str, dict[str, Any]] = Field(default_factory=dict)
    # What the rules of alerts go by; services.alerts.declared owns and checks their keys.
    alerts: dict[str, dict[str, Any]] = Field(default_factory=dict)
    # Where traces go; services.tracing.declared owns and checks the keys.
    traces: dict[str, Any] = Field(default_factory=dict)
    # Strategies of one's own; their keys are checked by services.strategies.declared, which owns them.
    strategies: dict[str, dict[str, Any]] = Field(default_factory=dict)
    # Among which ways of working it executions are drawn; services.trading.parents.wheels owns and checks the keys.
    wheels: dict[str, dict[str, Any]] = Field(default_factory=dict)
    # A port that serves hooks and nothing else; None: they come by the API's own.
    hooks_host: str = "127.0.0.1"
    hooks_port: Annotated[int, BeforeValidator(plain_number)] | None = Field(default=None, ge=0, le=65_535)

    @field_validator("data_dir", "tls_certificate", "tls_key", "tls_client_ca", "log_file")
    @classmethod
    def _at_home(cls, value: Path | None) -> Path | None:
        return None if value is None else address.at_home(value)

    @field_validator("risk", mode="before")
    @classmethod
    def _exact_decimals(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value  # pydantic names the wrong type
        return {key: exact_value(key, item) for key, item in value.items()}

    @field_validator("allowed_hosts", "par_currencies", "second_person", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        """By commas, or as JSON; "none" is an empty list, for an empty variable is one that is not set."""
        if not isinstance(value, str) or value.lstrip().startswith("["):
            return tuple(json.loads(value)) if isinstance(value, str) else value
        return tuple(word for part in value.split(",") if (word := part.strip(AROUND)) and word != "none")

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        names = tuple(host_name(name) for name in value)
        for given, name in zip(value, names, strict=True):
            if not HOST.fullmatch(name):
                raise ValueError(f"{given!r}: must be a host's name or address, without scheme, port and path")
        return names

    @field_validator("second_person")
    @classmethod
    def _two_persons(cls, value: tuple[SecondPerson, ...]) -> tuple[SecondPerson, ...]:
        if value and SecondPerson.KEYS not in value:
            raise ValueError("must name keys too: whoever may make a key alone makes the second person")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(network, value))

    @field_validator("okx_proxy")
    @classmethod
    def _proxy(cls, value: str | None) -> str | None:
        if value is not None and not is_proxy(value):
            raise ValueError(PROXY_RULE)
        return value

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

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: SecretStr) -> SecretStr:
        if url := value.get_secret_value():
            address.parse(url)
        return value

    @field_validator(
        *("okx_api_key", "okx_secret_key", "okx_passphrase", "api_key", "database_url", "okx_proxy"),
        *("okx_rest_url", "okx_ws_url", "okx_expected_uid", "okx_expected_level", "valuation_currency", "dead_man"),
        *("host", "hooks_host", "account", "exchange", "environment", "log_format", "log_level", "okx_stp_mode"),
        *("tls_certificate", "tls_key", "tls_client_ca", "log_file"),
        mode="before",
    )
    @classmethod
    def _without_blanks(cls, value: Any, info: Any) -> Any:
        """Text that was pasted with blanks, a line's end or a byte order mark around it is the text all the same."""
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        if not isinstance(value, str):
            return value
        text = value.strip(AROUND)
        return None if not text and info.field_name in _OPTIONAL_TEXTS else text

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
        own = () if self.host in {"0.0.0.0", "::", "::1"} else (host_name(self.host),)  # noqa: S104 - compared only
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
        return self.is_real_exchange or not is_loopback(self.host) or bool(self.trusted_proxies)

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
        typed = urlsplit(self.okx_proxy or "").password
        return [*values, *self.database_address.secrets, *(dict.fromkeys((typed, unquote(typed))) if typed else ())]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        tables = from_toml(toml_path(), required=f"{PREFIX}CONFIG" in os.environ)
        files = NamedSource(settings_cls, from_files())
        plain = NamedSource(settings_cls, from_plain_names())
        return init_settings, files, plain, env_settings, InitSettingsSource(settings_cls, tables)


def load_settings(**overrides: Any) -> Settings:
    """The settings in force. Overrides (the command line's options) win over every source; None means not given.

    Raises SettingsError, whose lines carry no secret.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    problems = unknown_names(Settings.model_fields)
    if problems:
        raise SettingsError(problems)
    try:
        return Settings(**given)
    except ValidationError as error:
        problems = [_problem(detail) for detail in error.errors(include_url=False)]
    except UnreadableValueError as error:  # a table in one variable that is not JSON
        problems = [f"{PREFIX}{name.upper()}: must be JSON" for name in _TABLES if f'"{name}"' in str(error)]
        problems = problems or ["a setting in the environment is not readable"]
    raise SettingsError(problems)  # outside the handler: a chained ValidationError would hold the inputs


def _problem(detail: Any) -> str:
    """One line for one of pydantic's findings."""
    path = [str(part) for part in detail["loc"]]
    message = str(detail["msg"]).removeprefix("Value error, ")
    if not path:
        return message
    name = "__".join([environment_name(path[0]), *(part.upper() for part in path[1:])])
    if detail["type"] == "extra_forbidden":
        candidates = set(Timing.model_fields if path[0] == "timing" else Settings.model_fields)
        near = meant(path[-1].upper(), {name.upper() for name in candidates})
        return unknown(".".join(path), near and near.lower())
    if path[0] in SECRETS:
        return f"{name}: {message}"
    value = detail.get("input")
    shown = "" if isinstance(value, dict | BaseModel) else f" {value!r}:"
    return f"{name}:{shown} {message[:1].lower()}{message[1:]}"
