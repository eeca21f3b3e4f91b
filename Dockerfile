# One image for web, workers and beat, and one for the proxy. TensorFlow and the development tools stay out of both.
FROM node:22-slim AS assets
WORKDIR /build
COPY package.json package-lock.json LICENSE ./
RUN npm ci --no-fund --no-audit
COPY frontend ./frontend
COPY static ./static
RUN npm run build

# The proxy. A copy of the program has not the file capability that a container without capabilities may not start.
FROM caddy:2-alpine AS proxy
RUN adduser -S -u 10002 proxy && chown -R proxy /data /config && cp /usr/bin/caddy /usr/local/bin/caddy
COPY deploy/Caddyfile /etc/caddy/Caddyfile
ENV XDG_CONFIG_HOME=/tmp
USER proxy
EXPOSE 8080 8443
CMD ["/usr/local/bin/caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]

FROM python:3.12-slim AS app
# A crash in a native library leaves its traceback in the log.
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONFAULTHANDLER=1 \
    PATH=/opt/venv/bin:$PATH \
    LIFTLAB_VAR=/var/lib/liftlab \
    POSE_BUNDLE=/opt/liftlab/pose_landmarker_full.task
RUN pip install --no-cache-dir uv && useradd --system --uid 10001 --home-dir /var/lib/liftlab --create-home liftlab
WORKDIR /opt/liftlab
COPY requirements ./requirements
RUN uv venv /opt/venv && VIRTUAL_ENV=/opt/venv uv pip install --no-cache --require-hashes -r requirements/vision.txt
COPY . .
COPY --from=assets /build/static/built ./static/built
RUN python -m coaching.vision.bundle "$POSE_BUNDLE" && python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf /var/lib/liftlab/* && chown -R liftlab /var/lib/liftlab
USER liftlab
VOLUME /var/lib/liftlab
EXPOSE 8000
CMD ["uvicorn", "config.asgi:application", "--proxy-headers", "--no-server-header", "--timeout-graceful-shutdown", "20", "--ws-per-message-deflate", "false", "--ws-max-size", "65536", "--host", "0.0.0.0", "--port", "8000", "--forwarded-allow-ips", "*"]
