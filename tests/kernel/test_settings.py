"""Settings: what is missing or weak refuses to start, and says all of it at once."""

from pathlib import Path

import pytest

from portal.settings import Settings, SettingsError

GOOD = {
    "APP_ENV": "production",
    "SECRET_KEY": "x" * 32,
    "SECRETS_KEY": f"2:{'B' * 43}=, 1:{'A' * 43}=",
    "DATABASE_URL": "postgresql://aisle_app@db/aisle",
    "BASE_URL": "https://book.example/",
    "STRIPE_SECRET_KEY": "sk_live_x",
    "STRIPE_WEBHOOK_SECRET": "whsec_a, whsec_b",
    "POSTMARK_SERVER_TOKEN": "t",
    "MAIL_FROM": "Aisle <a@book.example>",
}


def test_a_complete_environment_is_read() -> None:
    settings = Settings.from_env(GOOD)
    assert settings.is_production
    assert settings.uses_https
    assert settings.base_url == "https://book.example"
    assert settings.stripe_webhook_secrets == ("whsec_a", "whsec_b")
    assert settings.features.deposits
    assert (settings.secrets_ring.newest, list(settings.secrets_ring.keys)) == ("2", ["2", "1"])
    assert settings.google_api_base == "https://www.googleapis.com"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SECRET_KEY", "", "SECRET_KEY must be set"),
        ("SECRET_KEY", "short", "at least 32"),
        ("SECRETS_KEY", "", "SECRETS_KEY must be set"),
        ("SECRETS_KEY", "A" * 43 + "=", "SECRETS_KEY cannot be used: each key must be written as id:base64"),
        ("SECRETS_KEY", "1:short", "32 random bytes"),
        ("SECRETS_KEY", f"1:{'A' * 43}=,1:{'B' * 43}=", "an id of its own"),
        ("GOOGLE_API_BASE", "http://127.0.0.1:8400", "GOOGLE_API_BASE"),
        ("DATABASE_URL", "", "DATABASE_URL must be set"),
        ("STRIPE_SECRET_KEY", "", "STRIPE_SECRET_KEY must be set"),
        ("STRIPE_WEBHOOK_SECRET", "secret", "whsec_"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_a, whsec_", "whsec_"),
        ("STRIPE_WEBHOOK_SECRET", ",", "whsec_"),
        ("BASE_URL", "http://book.example", "https://"),
        ("POSTMARK_SERVER_TOKEN", "", "POSTMARK_SERVER_TOKEN or SMTP_URL"),
        ("POSTMARK_WEBHOOK_SECRET", "short", "POSTMARK_WEBHOOK_SECRET must be"),
        ("POSTMARK_WEBHOOK_SECRET", f"{'a' * 24}, {'b' * 23}", "POSTMARK_WEBHOOK_SECRET must be"),
        ("POSTMARK_WEBHOOK_SECRET", "with a space and long enough", "POSTMARK_WEBHOOK_SECRET must be"),
        ("POSTMARK_STREAM", "../outbound", "IDs of message streams"),
        ("POSTMARK_BROADCAST_STREAM", "Broad cast", "IDs of message streams"),
        ("POSTMARK_API_BASE", "http://127.0.0.1:8400", "POSTMARK_API_BASE"),
        ("MAIL_FROM", "", "MAIL_FROM must be set"),
        ("APP_ENV", "staging", "APP_ENV must be one of"),
        ("STRIPE_API_BASE", "http://127.0.0.1:8400", "STRIPE_API_BASE"),
        ("FAILPOINT", "hold.after_commit", "FAILPOINT"),
        ("CLOCK_SHIFT_SECONDS", "3600", "CLOCK_SHIFT_SECONDS"),
        ("CLOCK_SHIFT_SECONDS", "soon", "whole number"),
        ("FEATURE_REFUNDS_ENABLED", "maybe", "true or false"),
        ("SECRET_KEY_FILE", "/nowhere", "SECRET_KEY_FILE cannot be read"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        Settings.from_env({**GOOD, name: value})


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({})
    text = str(caught.value)
    assert all(name in text for name in ("SECRET_KEY", "DATABASE_URL", "STRIPE_SECRET_KEY", "BASE_URL", "MAIL_FROM"))


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("y" * 40 + "\n")
    environment = {name: value for name, value in GOOD.items() if name != "SECRET_KEY"}
    assert Settings.from_env({**environment, "SECRET_KEY_FILE": str(secret)}).secret_key == "y" * 40
