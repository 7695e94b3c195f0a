"""What a business entrusts to us can be read by us, for that business and purpose, and by nobody else."""

import base64
from dataclasses import replace
from uuid import uuid4

import pytest

from portal import settings
from portal.kernel import rings
from portal.settings import Settings
from portal.tenants import secrets
from portal.tenants.secrets import UnreadableError

OLD, NEW = (f"{number}:{base64.b64encode(bytes([number] * 32)).decode()}" for number in (1, 2))


@pytest.fixture
def ring(connected: Settings, monkeypatch: pytest.MonkeyPatch) -> "Use":
    return Use(connected, monkeypatch)


class Use:
    """Makes a ring the one of this process."""

    def __init__(self, before: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        self.before, self.monkeypatch = before, monkeypatch

    def __call__(self, text: str) -> None:
        changed = replace(self.before, secrets_ring=rings.parse(text))
        self.monkeypatch.setattr(settings, "_current", [changed])


def test_what_is_encrypted_is_read_again_and_never_looks_the_same(ring: Use) -> None:
    ring(NEW)
    tenant_id = uuid4()
    first, second = (secrets.encrypt(tenant_id, "a", "kept – secret") for _ in range(2))
    assert first != second
    assert "kept" not in first
    assert [secrets.decrypt(tenant_id, "a", each) for each in (first, second)] == ["kept – secret"] * 2


def test_another_business_or_purpose_reads_nothing(ring: Use) -> None:
    ring(NEW)
    tenant_id = uuid4()
    sealed = secrets.encrypt(tenant_id, "a", "secret")
    for whose, purpose in ((uuid4(), "a"), (tenant_id, "b"), (tenant_id, "")):
        with pytest.raises(UnreadableError):
            secrets.decrypt(whose, purpose, sealed)


def test_a_new_key_reads_what_the_old_one_encrypted(ring: Use) -> None:
    tenant_id = uuid4()
    ring(OLD)
    old = secrets.encrypt(tenant_id, "a", "secret")
    ring(f"{NEW},{OLD}")
    assert secrets.decrypt(tenant_id, "a", old) == "secret"
    assert not secrets.is_of_newest_key(old)
    new = secrets.encrypt(tenant_id, "a", "secret")
    assert secrets.is_of_newest_key(new)
    ring(NEW)
    assert secrets.decrypt(tenant_id, "a", new) == "secret"
    with pytest.raises(UnreadableError):
        secrets.decrypt(tenant_id, "a", old)


def test_a_key_with_the_same_name_that_is_another_reads_nothing(ring: Use) -> None:
    tenant_id = uuid4()
    ring(OLD)
    sealed = secrets.encrypt(tenant_id, "a", "secret")
    ring(f"1:{NEW[2:]}")
    with pytest.raises(UnreadableError):
        secrets.decrypt(tenant_id, "a", sealed)


@pytest.mark.parametrize("damage", ["", "v1", "v1.2", "v1.2.", "v1.2.!!!", "v2.2.AAAA", "v1.2.AAAA", "v1..", "é", "{}"])
def test_what_is_damaged_is_unreadable_and_no_mistake(ring: Use, damage: str) -> None:
    ring(NEW)
    with pytest.raises(UnreadableError):
        secrets.decrypt(uuid4(), "a", damage)


def test_a_changed_byte_is_noticed(ring: Use) -> None:
    ring(NEW)
    tenant_id = uuid4()
    kind, key_id, encoded = secrets.encrypt(tenant_id, "a", "secret").split(".")
    raw = bytearray(base64.urlsafe_b64decode(encoded))
    raw[-1] ^= 1
    with pytest.raises(UnreadableError):
        secrets.decrypt(tenant_id, "a", f"{kind}.{key_id}.{base64.urlsafe_b64encode(bytes(raw)).decode()}")


def test_keys_are_in_no_text_about_settings(ring: Use) -> None:
    ring(NEW)
    assert repr(bytes([2] * 32)) not in repr(settings.current().secrets_ring)
    assert "keys" not in repr(settings.current().secrets_ring)
