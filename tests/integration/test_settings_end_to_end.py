"""Every key of every table reaches what it sets, by file, by JSON and by variable; what it names is a system's own."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.clock import SystemClock
from app.exchanges.memory import MemoryExchange
from app.services.trading.risk_checks.limits import RiskLimits
from app.settings import Settings, SettingsError, Timing, environment_name, load_settings
from app.settings.names import SECRETS
from app.store import migrating
from app.store.database import Database
from app.store.disks import this_process
from app.system import System

RISK: dict[str, Any] = {
    "max_order_size": ("7.5", Decimal("7.5")),
    "min_order_size": ("0.0002", Decimal("0.0002")),
    "max_order_value": ("12345", Decimal(12345)),
    "max_price_deviation": ("0.01", Decimal("0.01")),
    "max_daily_loss": ("0.2", Decimal("0.2")),
    "max_position_value_pct": ("0.3", Decimal("0.3")),
    "require_positive_balance": ("false", False),
    "max_book_age_seconds": ("3", Decimal(3)),
    "max_open_orders": ("17", 17),
    "allowed_instruments": ('["BTC-USDT", "ETH-USDT"]', frozenset({"BTC-USDT", "ETH-USDT"})),
    "max_daily_notional": ("1000", Decimal(1000)),
}
TABLES = {
    "risk",
    "timing",
    "hooks",
    "signal_sources",
    "channels",
    "notices",
    "alerts",
    "traces",
    "strategies",
    "oidc",
    "wheels",
}
WAYS = ("file", "json", "variable")
PLAIN: dict[str, tuple[str, Any]] = {
    "data_dir": ("elsewhere", Path("elsewhere")),
    "database_url": ("postgres://ann@h/d", SecretStr("postgres://ann@h/d")),
    "host": ("::1", "::1"),
    "port": ("8123", 8123),
    "api_key": ("k" * 24, SecretStr("k" * 24)),
    "hooks_host": ("::1", "::1"),
    "hooks_port": ("8124", 8124),
    "tls_certificate": ("~/own.pem", Path("~/own.pem").expanduser()),
    "tls_key": ("own.key", Path("own.key")),
    "log_file": ("~/log/own.log", Path("~/log/own.log").expanduser()),
    "tls_client_ca": ("ours.pem", Path("ours.pem")),
    "trusted_proxies": ("10.0.0.7, fd00::/8", ("10.0.0.7/32", "fd00::/8")),
    "second_person": ("keys, resume", ("keys", "resume")),
    "allowed_hosts": ("Desk.example., fd00::2", ("127.0.0.1", "localhost", "[::1]", "desk.example", "[fd00::2]")),
    "api_docs": ("false", False),
    "exchange": ("okx", "okx"),
    "environment": ("demo", "demo"),
    "account": ("second_1", "second_1"),
    "okx_api_key": ("a-key", SecretStr("a-key")),
    "okx_secret_key": ("a-secret", SecretStr("a-secret")),
    "okx_passphrase": ("a phrase", SecretStr("a phrase")),
    "okx_rest_url": ("https://eea.okx.com/", "https://eea.okx.com"),
    "okx_ws_url": ("wss://wseea.okx.com:8443/ws/v5", "wss://wseea.okx.com:8443/ws/v5"),
    "okx_proxy": ("http://me:p%40ss@proxy:3128", "http://me:p%40ss@proxy:3128"),
    "okx_expected_uid": ("012345", "012345"),
    "okx_expected_hedged": ("true", True),
    "okx_expected_level": ("multi_currency", "multi_currency"),
    "okx_withdraw_permission_allowed": ("true", True),
    "okx_stp_mode": ("cancel_both", "cancel_both"),
    "dead_man": ("false", "false"),
    "buy_fee_in_quote": ("true", True),
    "valuation_currency": ("EUR", "EUR"),
    "par_currencies": ("USDC, EUR", ("USDC", "EUR")),
    "log_format": ("json", "json"),
    "log_level": ("DEBUG", "DEBUG"),
}
AROUND = ("{}", " {}", "{}\n", "\ufeff{}", "\u00a0{}\r\n\t")
NUMBERS = frozenset({"port", "hooks_port", "data_dir", "api_docs", "okx_expected_hedged", "buy_fee_in_quote"}) | {
    "okx_withdraw_permission_allowed"
}


@pytest.fixture(autouse=True)
def _empty_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TRADING_EXECUTOR_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)


def give(monkeypatch: pytest.MonkeyPatch, way: str, table: str, key: str, text: str) -> None:
    if way == "file":
        Path("trading-executor.toml").write_text(f"[{table}]\n{key} = {text}\n")
    elif way == "json":
        monkeypatch.setenv(f"TRADING_EXECUTOR_{table.upper()}", f'{{"{key}": {text}}}')
    else:
        monkeypatch.setenv(f"TRADING_EXECUTOR_{table.upper()}__{key.upper()}", text)


def test_the_table_of_plain_settings_has_every_one() -> None:
    assert set(PLAIN) == Settings.model_fields.keys() - TABLES


@pytest.mark.parametrize("way", ["file", "variable", "secret file"])
@pytest.mark.parametrize("name", PLAIN)
def test_every_plain_setting_by_every_way(monkeypatch: pytest.MonkeyPatch, way: str, name: str) -> None:
    """Blanks, line ends and a byte order mark around a text are no part of it."""
    text, value = PLAIN[name]
    if name.startswith("okx_") and name.endswith("_url"):
        monkeypatch.setenv("TRADING_EXECUTOR_ENVIRONMENT", "live")
    for around in AROUND if name not in NUMBERS else AROUND[:1]:
        written = around.format(text)
        if way == "file":
            Path("trading-executor.toml").write_text(f"{name} = {_toml(value, written)}\n")
            Path("trading-executor.toml").chmod(0o600)
            monkeypatch.delenv(environment_name(name), raising=False)
        elif way == "variable":
            monkeypatch.setenv(environment_name(name), written)
        elif name in SECRETS:
            Path("secret").write_text(written)
            monkeypatch.setenv(f"{environment_name(name)}_FILE", "secret")
        else:
            return
        assert getattr(load_settings(), name) == value, repr(written)


def _toml(value: Any, text: str) -> str:
    return text if isinstance(value, bool | int) else json.dumps(text)


def test_a_file_from_an_editor_that_marks_its_byte_order(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("trading-executor.toml").write_bytes(b'\xef\xbb\xbfaccount = "marked"\r\n[risk]\r\nmax_open_orders = 3\r\n')
    assert (load_settings().account, system().risk.limits.max_open_orders) == ("marked", 3)


@pytest.mark.parametrize("name", ["OKX_API_KEY", "OKX_PASSPHRASE", "TRADING_EXECUTOR_OKX_PROXY"])
def test_blanks_alone_are_nothing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, " \n")
    assert getattr(load_settings(), name.removeprefix("TRADING_EXECUTOR_").lower()) is None


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("TRADING_EXECUTOR_PORT", "8_000"),
        ("TRADING_EXECUTOR_PORT", " 8000"),
        ("TRADING_EXECUTOR_PORT", "\u0661\u0662"),
        ("TRADING_EXECUTOR_TIMING__LEASE_SECONDS", "1_7"),
        ("TRADING_EXECUTOR_TIMING__LEASE_SECONDS", "17 "),
        ("TRADING_EXECUTOR_TIMING", '{"lease_seconds": "1_7"}'),
        ("TRADING_EXECUTOR_ALLOWED_HOSTS", "desk.example:8000"),
        ("TRADING_EXECUTOR_ALLOWED_HOSTS", '["http://desk.example"]'),
        ("TRADING_EXECUTOR_ALLOWED_HOSTS", "*"),
        ("TRADING_EXECUTOR_RISK", '{"allowed_instruments": ["BTC-USDT", 1]}'),
        ("TRADING_EXECUTOR_OKX_PROXY", "http://me:pass/word@proxy:1"),
        ("TRADING_EXECUTOR_OKX_PROXY", "http://proxy:99999"),
        ("TRADING_EXECUTOR_OKX_PROXY", "http://:3128"),
    ],
)
def test_what_nothing_could_honour_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str
) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    (problem,) = refused.value.problems
    assert problem.startswith(variable)
    assert "must" in problem
    assert "pass/word" not in problem


def system() -> System:
    clock = SystemClock()
    return System(load_settings(), clock=clock, exchange=MemoryExchange(clock, balances={}), disk=this_process)


def test_the_table_below_has_every_key_of_the_risk_table() -> None:
    assert set(RISK) == {field.name for field in dataclasses.fields(RiskLimits)}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("key", RISK)
def test_every_risk_key_by_every_way(monkeypatch: pytest.MonkeyPatch, way: str, key: str) -> None:
    text, value = RISK[key]
    give(monkeypatch, way, "risk", key, text)
    assert getattr(system().risk.limits, key) == value


@pytest.mark.parametrize("text", ["BTC-USDT, ETH-USDT", "BTC-USDT,ETH-USDT"])
def test_allowed_instruments_as_a_person_writes_them(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    give(monkeypatch, "variable", "risk", "allowed_instruments", text)
    assert system().risk.limits.allowed_instruments == {"BTC-USDT", "ETH-USDT"}


@pytest.mark.parametrize("key", ["allowed_instruments", "max_daily_notional"])
def test_no_limit_can_be_said(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    Path("trading-executor.toml").write_text('[risk]\nallowed_instruments = ["BTC-USDT"]\nmax_daily_notional = 5\n')
    give(monkeypatch, "variable", "risk", key, "none")
    assert getattr(system().risk.limits, key) is None


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("key", Timing.model_fields)
def test_every_timing_key_by_every_way(monkeypatch: pytest.MonkeyPatch, way: str, key: str) -> None:
    value = Timing.model_fields[key].default * 1.01
    give(monkeypatch, way, "timing", key, json.dumps(value))
    assert getattr(system().settings.timing, key) == value


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("OKX_API_SECRET", "OKX_SECRET_KEY"),
        ("OKX_PASSPHRAS", "OKX_PASSPHRASE"),
        ("OKX_API_PASSPHRASE", "OKX_PASSPHRASE"),
        ("OKX_APIKEY", "OKX_API_KEY"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("OKX_API_SECRET_FILE", "OKX_SECRET_KEY_FILE"),
        ("okx_api_key", "OKX_API_KEY"),
        ("TRADING_EXECUTOR_OKX_API_KEY", "OKX_API_KEY"),
        ("TRADING_EXECUTOR_DATABASE_URL", "DATABASE_URL"),
        ("TRADING_EXECUTOR_OKX_API_SECRET", "OKX_SECRET_KEY"),
        ("trading_executor_prt", "TRADING_EXECUTOR_PORT"),
    ],
)
def test_a_near_name_is_named_unless_the_right_one_is_there_too(
    monkeypatch: pytest.MonkeyPatch, variable: str, meant: str
) -> None:
    for name in ("OKX_API_KEY", "OKX_SECRET_KEY", "OKX_PASSPHRASE", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, "something")
    monkeypatch.setenv("OKX_SUBACCOUNT", "another program's")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert refused.value.problems == [f"{variable}: unknown setting; did you mean {meant}?"]
    if variable.upper().startswith("TRADING_EXECUTOR_"):
        return  # ours for certain
    if meant.endswith("_FILE"):
        Path("there").write_text("something")
        monkeypatch.setenv(meant, "there")
        assert load_settings().account == "main"
        return
    monkeypatch.setenv(meant, "postgres://h/d")
    assert load_settings().account == "main"


@pytest.mark.parametrize(("name", "meant"), [("okx_api_secret", "okx_secret_key"), ("prot", "port")])
def test_a_near_name_in_the_file_is_named(name: str, meant: str) -> None:
    Path("trading-executor.toml").write_text(f'{name} = "x"\n')
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert refused.value.problems == [f"{name}: unknown setting; did you mean {meant}?"]


def test_blanks_and_line_ends_around_a_key_are_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKX_API_KEY", " \n0123-abc\r\n")
    Path("trading-executor.toml").write_text('okx_passphrase = """\n  a phrase  \n"""\n')
    Path("trading-executor.toml").chmod(0o600)
    monkeypatch.delenv("OKX_PASSPHRASE")
    found = load_settings()
    assert found.okx_api_key is not None
    assert found.okx_passphrase is not None
    assert (found.okx_api_key.get_secret_value(), found.okx_passphrase.get_secret_value()) == ("0123-abc", "a phrase")


def test_loopback_names_stay_allowed_beside_those_that_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADING_EXECUTOR_ALLOWED_HOSTS", "desk.example, localhost")
    assert load_settings().allowed_hosts == ("127.0.0.1", "localhost", "[::1]", "desk.example")


@pytest.mark.parametrize("name", ["a?b", "a%20b", "a b#c", "a?b=c", "é"])
def test_any_folder_holds_the_data(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    found = load_settings(data_dir=folder)
    database = Database(found.database_url.get_secret_value())
    migrating.upgrade(database)
    connection = database.writer_address().connect()
    connection.execute("SELECT count(*) FROM orders")
    connection.close()
    database.close()
    assert [path.name for path in folder.iterdir() if path.suffix == ".db"] == ["trading-executor.db"]
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("way", "currency", "par"),
    [
        ("file", 'valuation_currency = "EUR"', 'par_currencies = ["USDC", "EUR"]'),
        ("variable", "EUR", "USDC, EUR"),
        ("variable", "EUR", '["USDC", "EUR"]'),
    ],
)
def test_the_valuation_currency_and_what_is_at_par_with_what(
    monkeypatch: pytest.MonkeyPatch, way: str, currency: str, par: str
) -> None:
    if way == "file":
        Path("trading-executor.toml").write_text(f"{currency}\n{par}\n")
    else:
        monkeypatch.setenv("TRADING_EXECUTOR_VALUATION_CURRENCY", currency)
        monkeypatch.setenv("TRADING_EXECUTOR_PAR_CURRENCIES", par)
    made = system()
    assert (made.prices.currency, made.prices.par) == ("EUR", ("USDC", "EUR"))


def test_nothing_is_at_par_when_none_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert system().prices.par == ("USD", "USDT", "USDC")
    monkeypatch.setenv("TRADING_EXECUTOR_PAR_CURRENCIES", "none")
    assert system().prices.par == ()


@pytest.mark.parametrize("name", ["valuation_currency", "par_currencies"])
def test_a_currency_is_written_as_exchanges_write_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"TRADING_EXECUTOR_{name.upper()}", "usd coin")
    with pytest.raises(SettingsError, match=name.upper()):
        load_settings()


@pytest.mark.parametrize("text", ["1_000", " 7", "\u0661"])
def test_a_limit_is_a_plain_number(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("TRADING_EXECUTOR_RISK__MAX_ORDER_SIZE", text)
    with pytest.raises(SettingsError, match="max_order_size"):
        load_settings()


@pytest.mark.parametrize("way", ["variable", "file", "option"])
def test_a_tilde_is_the_home_directory_wherever_a_data_folder_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: str
) -> None:
    """Shells put it in for a word of its own; a variable in a unit file, TOML and `--data-dir=~/x` came as they are."""
    monkeypatch.setenv("HOME", str(tmp_path))
    if way == "variable":
        monkeypatch.setenv("TRADING_EXECUTOR_DATA_DIR", "~/x")
    elif way == "file":
        Path("trading-executor.toml").write_text('data_dir = "~/x"\n')
    found = load_settings(data_dir=Path("~/x") if way == "option" else None)
    assert found.data_dir == tmp_path / "x"
    assert found.database_address.database == str(tmp_path / "x" / "trading-executor.db")


def test_a_tilde_in_the_database_s_path_is_the_home_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "sqlite:///~/x.db")
    assert load_settings().database_address.database == str(tmp_path / "x.db")


def test_the_home_of_nobody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADING_EXECUTOR_DATA_DIR", "~no-such-user/x")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    (problem,) = refused.value.problems
    assert problem.startswith("TRADING_EXECUTOR_DATA_DIR: '~no-such-user/x': there is no such home directory")
