"""What is turned away before any view: foreign hosts, other sites' forms, broken text, too much of it."""

import pytest
from flask.testing import FlaskClient

from portal.web.application import Application
from portal.web.guard import LARGEST_BODY
from tests.support.forms import csrf_of

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost.", "localhost:8000", "127.0.0.1:9", "[::1]:80"])
def test_our_host_in_any_spelling_is_served(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "localhost@evil.example", "localhost:x", "local host", "", "..", "[::1",
     "localhost:80:80", "localhost/evil", "127.0.0.1.evil.example", "localhost#", "lоcalhost"],
)  # fmt: skip
def test_a_foreign_or_malformed_host_is_refused(client: FlaskClient, host: str) -> None:
    answer = client.get("/", environ_overrides={"HTTP_HOST": host.encode().decode("latin-1")})
    assert answer.status_code == 400
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    ("host", "status"),
    [("book.example", 200), ("BOOK.example:443", 200), ("localhost", 400), ("127.0.0.1", 400), ("evil.example", 400)],
)
def test_in_production_only_the_public_host_is_ours(production: Application, host: str, status: int) -> None:
    assert production.test_client().get("/", headers={"Host": host}).status_code == status


def test_a_machine_may_ask_for_health_by_any_name(production: Application) -> None:
    assert production.test_client().get("/health", headers={"Host": "10.0.0.7:8000"}).status_code == 200


def test_a_proxys_word_counts_only_as_far_as_it_is_trusted(client: FlaskClient, production: Application) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "gopher"}
    assert client.get("/", headers=forged).status_code == 200
    behind = {"Host": "10.0.0.7", "X-Forwarded-Host": "book.example", "X-Forwarded-Proto": "https"}
    assert production.test_client().get("/", headers=behind).status_code == 200
    assert production.test_client().get("/", headers={**behind, "X-Forwarded-Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("path", ["/\0", "/\xff", "/\xed\xa0\x80", "/t/\xc3\x28/", "/packages/a\0b"])
def test_text_that_is_no_text_in_an_address_is_400(client: FlaskClient, path: str) -> None:
    assert client.get("/", environ_overrides={"PATH_INFO": path}).status_code == 400


@pytest.mark.parametrize("query", ["q=%00", "q=%ff", "q=%ED%A0%80", "%00=1", "q=%c3%28", "q=\xff"])
def test_text_that_is_no_text_in_a_query_is_400(client: FlaskClient, query: str) -> None:
    assert client.get("/", environ_overrides={"QUERY_STRING": query}).status_code == 400


@pytest.mark.parametrize("path", ["/?q=caf%C3%A9", "/?q=%25", "/?q=%", "/?q=100%25&&=", "/?" + "a=b&" * 2000])
def test_odd_but_readable_queries_are_no_error(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("body", [b"name=%00", b"name=%ff", b"name=\xff", b"na\x00me=1", b"name=%ED%A0%80", b"%00=1"])
def test_text_that_is_no_text_in_a_form_is_400(lab: FlaskClient, body: bytes) -> None:
    body += b"&csrf_token=" + csrf_of(lab).encode()
    assert lab.post("/lab/form", data=body, content_type=FORM).status_code == 400


@pytest.mark.parametrize("value", [b"\xff", b"\0", b"\xed\xa0\x80"])
def test_the_same_in_a_form_of_parts(lab: FlaskClient, value: bytes) -> None:
    body = part("name", value) + part("csrf_token", csrf_of(lab).encode()) + b"--x--\r\n"
    assert lab.post("/lab/form", data=body, content_type="multipart/form-data; boundary=x").status_code == 400


@pytest.mark.parametrize(
    "body", [b"", b"--x\r\n", b"--y--", b"\r\n--x\r\nContent-Disposition: form-data\r\n\r\n", b"\xff" * 99]
)
def test_a_broken_form_of_parts_is_400(lab: FlaskClient, body: bytes) -> None:
    assert lab.post("/lab/form", data=body, content_type="multipart/form-data; boundary=x").status_code == 400


def test_a_form_of_parts_without_a_boundary_is_400(lab: FlaskClient) -> None:
    assert lab.post("/lab/form", data=b"x", content_type="multipart/form-data").status_code == 400


def test_a_megabyte_is_too_much(lab: FlaskClient) -> None:
    answer = lab.post("/lab/form", data={"csrf_token": csrf_of(lab), "name": "x" * LARGEST_BODY})
    assert answer.status_code == 413
    assert "too much" in answer.text


def test_a_thousand_and_one_fields_are_too_many(lab: FlaskClient) -> None:
    token = csrf_of(lab)
    plain = "&".join(f"f{number}=1" for number in range(1000)) + f"&csrf_token={token}"
    assert lab.post("/lab/form", data=plain, content_type=FORM).status_code == 413
    parts = b"".join(part(f"f{number}", b"1") for number in range(1001)) + b"--x--\r\n"
    assert lab.post("/lab/form", data=parts, content_type="multipart/form-data; boundary=x").status_code == 413


@pytest.mark.parametrize("body", ["[" * 100_000 + "]" * 100_000, '{"name": NaN}', "true", ""])
def test_json_is_no_form_of_ours(lab: FlaskClient, body: str) -> None:
    csrf_of(lab)
    assert lab.post("/lab/form", data=body, content_type="application/json").status_code == 400


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
])  # fmt: skip
def test_a_form_that_another_site_sent_is_403(lab: FlaskClient, headers: dict[str, str]) -> None:
    data = {"csrf_token": csrf_of(lab), "name": "x"}
    answer = lab.post("/lab/form", data=data, headers=headers)
    assert answer.status_code == 403
    assert lab.post("/lab/form", data=data).text == "x"


@pytest.mark.parametrize("headers", [{"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}, {}])
def test_a_form_of_ours_is_taken(lab: FlaskClient, headers: dict[str, str]) -> None:
    assert lab.post("/lab/form", data={"csrf_token": csrf_of(lab), "name": "x"}, headers=headers).text == "x"


@pytest.mark.parametrize("token", ["", "x", "x" * 5000])
def test_without_its_token_a_form_asks_for_a_reload(lab: FlaskClient, token: str) -> None:
    csrf_of(lab)
    answer = lab.post("/lab/form", data={"csrf_token": token, "name": "x"})
    assert answer.status_code == 400
    assert "reload the page" in answer.text


def test_a_token_of_another_browser_does_not_do(lab: FlaskClient, lab_app: Application) -> None:
    csrf_of(lab)
    token = csrf_of(lab_app.test_client())
    assert lab.post("/lab/form", data={"csrf_token": token, "name": "x"}).status_code == 400


def test_the_same_field_twice_is_422(lab: FlaskClient) -> None:
    answer = lab.post("/lab/form", data={"csrf_token": csrf_of(lab), "name": ["a", "b"]})
    assert answer.status_code == 422
    assert "arrived twice" in answer.text


@pytest.mark.parametrize(
    "name", ["Accept-Language", "Cookie", "User-Agent", "Referer", "X-Request-ID", "HX-Target", "Range"]
)
@pytest.mark.parametrize("value", ["x" * 10_000, "\xff\xfe", ";;==,,", '"', "%00", "session=x; session=y"])
def test_strange_headers_change_nothing(client: FlaskClient, name: str, value: str) -> None:
    assert client.get("/", headers={name: value}).status_code == 200


def part(name: str, value: bytes) -> bytes:
    return b'--x\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value + b"\r\n"
