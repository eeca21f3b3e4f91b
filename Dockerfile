# One image for web, worker and beat. TensorFlow and the development tools stay out of it.
FROM node:22-slim AS assets
WORKDIR /build
COPY package.json package-lock.json LICENSE ./
RUN npm ci --no-fund --no-audit
COPY frontend ./frontend
COPY static ./static
RUN npm run build

FROM python:3.12-slim AS app
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
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
CMD ["uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--proxy-headers", "--no-server-header", "--ws-per-message-deflate", "false", "--ws-max-size", "65536"]
