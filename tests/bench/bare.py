"""What a page costs at the least: Flask, one template, one pooled query. And the bare counterpart of placing a hold."""

import os

from flask import Flask, Response, request
from playhouse.pool import PooledPostgresqlDatabase

db = PooledPostgresqlDatabase(os.environ["DATABASE_URL"], max_connections=10, autoconnect=False)
app = Flask(__name__)
PAGE = app.jinja_env.from_string("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ name }}</title></head>
<body><h1>{{ name }}</h1><p>{{ words }}</p></body></html>""")


@app.get("/")
def page() -> str:
    """One query, one template."""
    with db.connection_context():
        name, words = db.execute_sql("SELECT 'A bare page', 'One row from the database'").fetchone()
    return PAGE.render(name=name, words=words)


@app.post("/hold")
def hold() -> Response:
    """The rows of a hold and nothing else: no rule, no lock, no check."""
    statements = request.get_json()
    with db.connection_context(), db.atomic():
        for sql, params in statements:
            db.execute_sql(sql, params)
    return Response(status=204)
