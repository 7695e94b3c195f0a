# One image for web, worker and migrations; which of them it is, the command decides (see compose.yaml).
# Python is the version the tests run on; uv is pinned because it reads the lock file.
FROM python:3.11-slim-bookworm AS build
RUN pip install --no-cache-dir uv==0.13.8
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/srv/aisle/.venv
WORKDIR /srv/aisle
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev
COPY . .
RUN python -m compileall -q app.py portal tasks

FROM python:3.11-slim-bookworm
# What draws PDFs (WeasyPrint); the fonts come with us.
RUN apt-get update && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 aisle && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin aisle \
    && install -d -o aisle -g aisle /var/lib/aisle
WORKDIR /srv/aisle
COPY --from=build /srv/aisle /srv/aisle
ENV PATH=/srv/aisle/.venv/bin:$PATH PYTHONUNBUFFERED=1 APP_ENV=production PORT=8000 VAR_DIR=/var/lib/aisle
# By number, so that a platform can see that it is not root.
USER 10001:10001
EXPOSE 8000
# For the web command; compose.yaml switches it off for the others.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/health', timeout=4)"]
CMD ["gunicorn", "app:app", "--config", "python:portal.gunicorn"]
