# One image for every process: web, worker, janitor and the one-shot commands. Nothing is downloaded when it runs.

FROM python:3.12-slim-bookworm AS build
WORKDIR /app
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv .venv
COPY requirements.lock ./
RUN .venv/bin/python -m pip install --require-hashes --no-deps -r requirements.lock
# The list of parts, for whoever has to say whether a vulnerable package is inside: /app/sbom.json.
COPY requirements-sbom.lock pyproject.toml ./
RUN python -m venv /sbom \
    && /sbom/bin/python -m pip install --require-hashes --no-deps -r requirements-sbom.lock \
    && /sbom/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible --output-file sbom.json
COPY rxconfig.py alembic.ini ./
COPY alembic alembic
COPY assets assets
COPY mixmodel_app mixmodel_app
COPY workers workers
# Builds the pages with the node of a wheel; what only the build needs is dropped again.
RUN .venv/bin/python -m mixmodel_app.cli build \
    && find .web -mindepth 1 -maxdepth 1 ! -name build ! -name backend ! -name '*.json' ! -name mixmodel.digest -exec rm -rf {} + \
    && rm -rf .web/build/server reflex.lock .states

FROM python:3.12-slim-bookworm
WORKDIR /app
RUN groupadd --gid 10001 mixmodel \
    && useradd --uid 10001 --gid mixmodel --home-dir /data --no-create-home mixmodel \
    && install --directory --owner=mixmodel --group=mixmodel --mode=0700 /data /objects /backups
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    APP_ENV=production \
    MIXMODEL_HOME=/data \
    MIXMODEL_HOST=0.0.0.0 \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1
USER 10001:10001
EXPOSE 8000
ENTRYPOINT ["python", "-m", "mixmodel_app.cli"]
CMD ["web"]
