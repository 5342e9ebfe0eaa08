# The bot alone, for your real Slack: docker run -e SLACK_BOT_TOKEN … -e DATABASE_URL … -v ./slipway.yml:/app/slipway.yml
FROM python:3.12-slim AS build
WORKDIR /build
COPY pyproject.toml README.md ./
COPY bot bot
COPY commands commands
COPY integrations integrations
COPY migrations migrations
RUN python -m venv /app/venv && /app/venv/bin/pip install --no-cache-dir .

FROM python:3.12-slim
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 slipway && mkdir -p /app/data && chown slipway /app/data
COPY --from=build /app/venv /app/venv
WORKDIR /app
USER slipway
ENV PATH=/app/venv/bin:$PATH PYTHONUNBUFFERED=1 SLIPWAY_HOST=0.0.0.0 SLIPWAY_PORT=8101 SLIPWAY_DATA=/app/data
VOLUME /app/data
EXPOSE 8101
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8101/healthz', timeout=2)"]
CMD ["slipway", "serve"]
