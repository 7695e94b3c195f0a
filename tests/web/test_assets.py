"""Static files: named by their content, kept for a year, compressed once, and only those that exist."""

import gzip
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal.web.application import Application
from portal.web.assets import FOLDER, Assets, asset
from tests.support.site import eventually


def url(app: Application, name: str) -> str:
    with app.app_context():
        return asset(name)


def test_a_file_is_kept_for_a_year(client: FlaskClient, app: Application) -> None:
    answer = client.get(url(app, "css/base.css"))
    assert answer.status_code == 200
    assert answer.mimetype == "text/css"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers


def test_under_an_older_name_it_is_kept_for_a_minute(client: FlaskClient) -> None:
    for path in ("/static/css/base.css", "/static/0123456789ab/css/base.css"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=60"


def test_texts_travel_compressed_and_fonts_as_they_are(client: FlaskClient, app: Application) -> None:
    packed = client.get(url(app, "css/base.css"), headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == (FOLDER / "css/base.css").read_bytes()
    font = client.get(url(app, "fonts/figtree.woff2"), headers={"Accept-Encoding": "gzip"})
    assert font.mimetype == "font/woff2"
    assert "Content-Encoding" not in font.headers


@pytest.mark.parametrize(
    "name",
    [
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "/etc/passwd",
        "css",
        "css/",
        "",
        ".hidden",
        "css/../../app.py",
        "css\\base.css",
    ],
)
def test_what_is_not_in_the_folder_does_not_exist(client: FlaskClient, app: Application, name: str) -> None:
    for prefix in (url(app, ""), "/static/"):
        assert client.get(prefix + name).status_code in {404, 308}


def test_a_change_gives_everything_a_new_name(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a{}")
    assets = Assets(tmp_path, is_watched=True)
    before = assets.url("a.css")
    assert assets.body("a.css")[1].plain == b"a{}"
    (tmp_path / "a.css").write_text("a{color:red}")
    eventually(lambda: assets.url("a.css") != before, "the new file")
    assert assets.body("a.css")[1].plain == b"a{color:red}"


def test_the_same_content_has_the_same_name_on_every_machine(tmp_path: Path) -> None:
    names = []
    for machine in ("one", "two"):
        (tmp_path / machine).mkdir()
        (tmp_path / machine / "a.css").write_text("a{}")
        names.append(Assets(tmp_path / machine, is_watched=False).url("a.css"))
    assert names[0] == names[1]
