#!/bin/sh
# What a container of the image does: `web` serves, `migrate` brings the database up to date and
# fills in what every installation needs, and anything else is run as it is.
set -eu

case "${1:-web}" in
    web)
        exec gunicorn --config python:config.gunicorn
        ;;
    migrate)
        python manage.py migrate --noinput
        python manage.py ensure_partitions
        exec python manage.py seed
        ;;
    *)
        exec "$@"
        ;;
esac
