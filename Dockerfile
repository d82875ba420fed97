# syntax=docker/dockerfile:1

# --- The dependencies, in a virtual environment; pip and what it needs stay behind. ---------------
FROM python:3.12-slim AS dependencies
WORKDIR /build
RUN python -m venv --without-pip /venv
COPY requirements.txt ./
RUN python -m pip --python /venv/bin/python install --no-cache-dir --disable-pip-version-check \
        --only-binary :all: --no-deps --require-hashes --requirement requirements.txt

# --- The site. ------------------------------------------------------------------------------------
FROM python:3.12-slim
RUN rm -rf /usr/local/lib/python3.12/site-packages/* /usr/local/lib/python3.12/ensurepip \
        /usr/local/bin/pip* \
    && groupadd --system --gid 10001 plainsplit \
    && useradd --system --uid 10001 --gid plainsplit --no-create-home --shell /usr/sbin/nologin \
        plainsplit
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    APP_ENV=production \
    HOST=0.0.0.0 \
    PORT=8000
COPY --from=dependencies /venv /venv
WORKDIR /app
COPY manage.py ./
COPY config ./config
COPY experiments ./experiments
COPY metrics ./metrics
COPY landing ./landing
COPY dashboard ./dashboard
COPY templates ./templates
COPY locale ./locale
COPY static ./static
COPY docker/entrypoint.sh docker/healthcheck.py /usr/local/bin/
# Static files are a part of the image. The values are for this step alone: nothing is connected to.
RUN python -m compileall -q config experiments metrics landing dashboard \
    && SECRET_KEY=build-only DATABASE_URL=postgresql://build@127.0.0.1/build \
        python manage.py collectstatic --noinput --verbosity=0
USER plainsplit
EXPOSE 8000
# The start period covers a database that is still recovering.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "/usr/local/bin/healthcheck.py"]
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
CMD ["web"]
