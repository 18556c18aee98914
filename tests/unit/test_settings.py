"""Settings: what wins over what, and what each refusal says."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import SettingsError, load_settings

KEY = "0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def _empty_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("OKX_API_KEY", "OKX_SECRET_KEY", "OKX_PASSPHRASE", "TRADING_EXECUTOR_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def problems(**overrides: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(**overrides)
    assert caught.value.__cause__ is None
    assert not isinstance(caught.value.__context__, ValidationError)  # it would hold the inputs
    return caught.value.problems


def test_defaults_are_a_simulated_exchange_on_loopback():
    settings = load_settings()
    assert (settings.host, settings.port, settings.exchange, settings.environment) == (
        "127.0.0.1",
        8000,
        "okx",
        "simulated",
    )
    assert settings.database_url.get_secret_value() == "sqlite:///data/trading-executor.db"
    assert settings.api_key_required is False
    assert settings.allowed_hosts == ("127.0.0.1", "localhost", "[::1]")
    assert settings.secret_values() == []


@pytest.mark.parametrize(
    ("environment", "rest", "stream"),
    [
        ("demo", "https://www.okx.com", "wss://wspap.okx.com:8443/ws/v5"),
        ("live", "https://www.okx.com", "wss://ws.okx.com:8443/ws/v5"),
    ],
)
def test_okx_addresses_follow_the_environment_unless_given(environment: str, rest: str, stream: str, monkeypatch):
    settings = load_settings(environment=environment)
    assert (settings.okx_rest_url, settings.okx_ws_url, settings.api_key_required) == (rest, stream, True)
    monkeypatch.setenv("OKX_REST_URL", "https://eea.okx.com/")
    assert load_settings(environment=environment).okx_rest_url == "https://eea.okx.com"


def test_file_then_environment_then_secret_file_then_caller(monkeypatch, tmp_path: Path):
    (tmp_path / "trading-executor.toml").write_text('port = 1\nhost = "::1"\naccount = "toml"\nlog_level = "debug"\n')
    monkeypatch.setenv("TRADING_EXECUTOR_PORT", "2")
    monkeypatch.setenv("TRADING_EXECUTOR_ACCOUNT", "environment")
    monkeypatch.setenv("OKX_API_KEY", "from the environment")
    (tmp_path / "okx.key").write_text("from the file\n")
    monkeypatch.setenv("OKX_API_KEY_FILE", str(tmp_path / "okx.key"))
    settings = load_settings(account="caller", port=None)
    assert settings.okx_api_key is not None
    assert (settings.host, settings.port, settings.account, settings.log_level) == ("::1", 2, "caller", "DEBUG")
    assert settings.okx_api_key.get_secret_value() == "from the file"


def test_config_names_another_file_that_must_be_there(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("TRADING_EXECUTOR_CONFIG", "other.toml")
    assert problems() == ["TRADING_EXECUTOR_CONFIG: other.toml: no such file"]
    (tmp_path / "other.toml").write_text("port = 7")
    assert load_settings().port == 7


def test_risk_floats_become_exact_decimals(monkeypatch, tmp_path: Path):
    (tmp_path / "trading-executor.toml").write_text("[risk]\nmax_order_size = 10.0\nmax_daily_loss = 0.1\n")
    monkeypatch.setenv("TRADING_EXECUTOR_RISK__MIN_ORDER_SIZE", "0.0010")
    monkeypatch.setenv("TRADING_EXECUTOR_RISK__REQUIRE_POSITIVE_BALANCE", "true")
    risk = load_settings().risk
    assert risk == {
        "max_order_size": Decimal("10.0"),
        "max_daily_loss": Decimal("0.1"),
        "min_order_size": Decimal("0.0010"),
        "require_positive_balance": True,
    }
    overlaid = load_settings(risk={"max_daily_loss": 0.1 + 0.2, "max_order_size": 3}).risk
    assert overlaid == risk | {"max_daily_loss": Decimal("0.30000000000000004"), "max_order_size": Decimal("3")}


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        (
            "TRADING_EXECUTOR_PORT",
            "99999",
            "TRADING_EXECUTOR_PORT: '99999': input should be less than or equal to 65535",
        ),
        ("TRADING_EXECUTOR_PROT", "1", "TRADING_EXECUTOR_PROT: unknown setting; did you mean TRADING_EXECUTOR_PORT?"),
        (
            "TRADING_EXECUTOR_RISK",
            '{"max_order_size": NaN}',
            "TRADING_EXECUTOR_RISK: max_order_size nan: must be finite",
        ),
        ("TRADING_EXECUTOR_RISK", '{"x', "TRADING_EXECUTOR_RISK: must be JSON"),
        (
            "TRADING_EXECUTOR_RISK__MAX_ORDER_SIZE",
            "ten",
            "TRADING_EXECUTOR_RISK: max_order_size 'ten': must be a number, true or false",
        ),
        ("TRADING_EXECUTOR_TIMING__LEASE", "4", "timing.lease: unknown setting"),
        (
            "TRADING_EXECUTOR_TIMING__LEASE_SECONDS",
            "4",
            "TRADING_EXECUTOR_TIMING: lease_renewal_seconds 5 must be below lease_seconds 4",
        ),
        (
            "TRADING_EXECUTOR_TIMING__LEASE_SECONDS",
            "nan",
            "TRADING_EXECUTOR_TIMING__LEASE_SECONDS: 'nan': must be finite",
        ),
        ("TRADING_EXECUTOR_API_KEY", "short", "TRADING_EXECUTOR_API_KEY: must have at least 24 characters"),
        ("DATABASE_URL", "mysql://u:p@h/d", "DATABASE_URL: must start with sqlite:/// or postgresql://"),
        ("OKX_API_KEY_FILE", "missing", "OKX_API_KEY_FILE: missing: No such file or directory"),
        (
            "OKX_REST_URL",
            "https://www.okx.com",
            "okx_rest_url 'www.okx.com': environment 'simulated' never talks to okx.com; say demo or live",
        ),
        (
            "OKX_WS_URL",
            "http://127.0.0.1:1/ws",
            "OKX_WS_URL: 'http://127.0.0.1:1/ws': must be ws://HOST[:PORT][/PATH] or wss://..., without a query",
        ),
    ],
)
def test_each_refusal_names_field_value_and_rule(name: str, value: str, problem: str, monkeypatch):
    monkeypatch.setenv(name, value)
    assert problems() == [problem]


def test_unknown_key_in_the_file_is_refused(tmp_path: Path):
    (tmp_path / "trading-executor.toml").write_text("prot = 1")
    assert problems() == ["prot: unknown setting; did you mean port?"]


def test_broken_file_is_named(tmp_path: Path):
    (tmp_path / "trading-executor.toml").write_text("port = = 1")
    assert problems()[0].startswith("trading-executor.toml: Invalid value")


def test_a_file_with_a_secret_must_be_private(tmp_path: Path):
    path = tmp_path / "trading-executor.toml"
    path.write_text('okx_passphrase = "x"')
    path.chmod(0o644)
    assert problems() == ["trading-executor.toml: mode 0644: holds okx_passphrase, so it must be 0600"]
    path.chmod(0o600)
    assert load_settings().okx_passphrase is not None


def test_live_orders_to_another_machine_need_tls():
    assert problems(environment="live", okx_rest_url="http://10.0.0.1") == [
        "okx_rest_url http://10.0.0.1: live orders to another machine need TLS"
    ]


@pytest.mark.parametrize(
    ("overrides", "required"),
    [
        ({"host": "::1"}, False),
        ({"host": "localhost"}, False),
        ({"host": "0.0.0.0"}, True),
        ({"host": "box.example"}, True),
        ({"environment": "demo"}, True),
        ({"environment": "live"}, True),
    ],
)
def test_when_an_api_key_is_required(overrides: dict[str, str], required: bool):
    assert load_settings(**overrides).api_key_required is required


def test_secrets_are_listed_for_redaction_and_print_as_asterisks(planted, monkeypatch):
    monkeypatch.setenv("OKX_SECRET_KEY", planted.okx_secret_key)
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:s%2Fecret@h/d")
    settings = load_settings(api_key=KEY)
    assert settings.secret_values() == [planted.okx_secret_key, KEY, "s/ecret", "s%2Fecret"]
    assert settings.database_url_shown == "postgresql://u:***@h/d"
    for text in (repr(settings), str(settings), settings.model_dump_json()):
        assert not any(value in text for value in settings.secret_values())


@pytest.mark.parametrize(
    ("environment", "word", "armed"),
    [
        ("simulated", None, False),
        ("demo", None, True),
        ("live", None, True),
        ("live", "false", False),
        ("simulated", "true", True),
    ],
)
def test_the_dead_man_s_switch_is_for_real_exchanges_unless_said(environment: str, word: str | None, armed: bool):
    assert load_settings(environment=environment, dead_man=word).dead_man_armed is armed


def test_the_exchange_in_memory_is_never_a_real_one():
    assert not load_settings(exchange="memory", environment="live").is_real_exchange
    (problem,) = problems(exchange="nosuch")
    assert problem == "TRADING_EXECUTOR_EXCHANGE: 'nosuch': input should be 'okx' or 'memory'"


def test_what_the_account_is_declared_to_be(monkeypatch):
    settings = load_settings()
    declared = (settings.okx_expected_uid, settings.okx_expected_hedged, settings.okx_expected_level)
    assert (declared, settings.okx_withdraw_permission_allowed) == ((None, None, None), False)
    monkeypatch.setenv("TRADING_EXECUTOR_OKX_EXPECTED_UID", "4711")
    monkeypatch.setenv("TRADING_EXECUTOR_OKX_EXPECTED_HEDGED", "false")
    monkeypatch.setenv("TRADING_EXECUTOR_OKX_EXPECTED_LEVEL", "multi_currency")
    settings = load_settings()
    declared = (settings.okx_expected_uid, settings.okx_expected_hedged, settings.okx_expected_level)
    assert declared == ("4711", False, "multi_currency")
    monkeypatch.setenv("TRADING_EXECUTOR_OKX_EXPECTED_LEVEL", "gold")
    (problem,) = problems()
    assert problem.startswith("TRADING_EXECUTOR_OKX_EXPECTED_LEVEL: 'gold': input should be 'spot', 'futures'")


def test_a_switch_that_okx_would_not_take_is_refused():
    timing = {"dead_man_seconds": 9}
    assert load_settings(timing=timing).timing.dead_man_seconds == 9
    assert problems(timing=timing, environment="demo") == [
        "timing dead_man_seconds 9 must be 10 to 120, which is what OKX takes"
    ]


def test_the_proxy_s_password_is_redacted_and_never_printed(tmp_path: Path) -> None:
    settings = load_settings(okx_proxy="http://me:let-me-in@proxy:3128", data_dir=tmp_path)
    assert "let-me-in" not in repr(settings)
    assert "let-me-in" in settings.secret_values()
    for bad in ("socks5://me:let-me-in@proxy:1", "http://me:let-me-in@proxy/x", "me:let-me-in@proxy"):
        with pytest.raises(SettingsError, match="OKX_PROXY") as refused:
            load_settings(okx_proxy=bad, data_dir=tmp_path)
        assert "let-me-in" not in str(refused.value)
