"""People of tenants, and a browser that is logged in."""

import re
import secrets
from dataclasses import dataclass
from uuid import UUID

from flask.testing import FlaskClient

from portal.identity import accounts
from portal.identity.roles import Role
from portal.kernel import time
from portal.web.application import Application

PASSWORD = "a long enough password"


@dataclass
class Person:
    """Somebody with an account."""

    user_id: UUID
    email: str


def person(tenant_id: UUID | None = None, role: Role = Role.OWNER) -> Person:
    """A new account, a member of a tenant if one is given."""
    email = f"{secrets.token_hex(6)}@people.example"
    user_id = accounts.create_user(email=email, name="Robin Keeper", password=PASSWORD, at=time.now())
    if tenant_id:
        accounts.add_member(tenant_id, user_id=user_id, role=role, at=time.now())
    return Person(user_id, email)


def csrf_token(client: FlaskClient, address: str) -> str:
    """The token of the form at an address."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).text)
    assert found, f"no form at {address}"
    return found[1]


def logged_in(app: Application, who: Person) -> FlaskClient:
    """A browser with a session of this person."""
    client = app.test_client()
    token = csrf_token(client, "/login")
    answer = client.post("/login", data={"email": who.email, "password": PASSWORD, "csrf_token": token})
    assert answer.status_code == 303, answer.text
    return client
