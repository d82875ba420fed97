"""How tests that commit leave the database: as empty as Django's flush does, and sooner.

Flush truncates every table, which makes new files for each and for each of its indexes, and then
looks for missing permissions: a third of a second, where most tables are empty anyway. Here rows
are deleted where there are any.
"""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import ProgrammingError, connection
from django.test import TransactionTestCase

from experiments.models import AuditEntry
from metrics import partitions

# What `migrate` makes, and no test changes.
_KEPT = {ContentType._meta.db_table, Permission._meta.db_table}
# Django doesn't manage it, but a test's history is nothing to the next.
_ALSO = {AuditEntry._meta.db_table}
_MAKE_HOME = """
    INSERT INTO experiments_page (id, slug, name, is_home, content, version)
    VALUES (gen_random_uuid(), 'home', 'Home', true, '{}', 1)
"""
# A table of more bytes is truncated: else all tests that follow would read its dead rows.
_LARGE = 1_000_000
# A table that is empty, and was when it was last truncated, has no bytes.
_SIZES = """
    SELECT relname, size FROM pg_class CROSS JOIN LATERAL (
        SELECT pg_relation_size(pg_class.oid) + coalesce(sum(pg_relation_size(relid)), 0) AS size
        FROM pg_partition_tree(pg_class.oid)
    ) AS parts
    WHERE relname = ANY (%s) AND size > 0
"""
_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # not in the stubs


def empty_database(case: TransactionTestCase) -> None:
    """Delete all rows of the site's tables but what `migrate` makes, the page at `/` too."""
    tables = set(connection.introspection.django_table_names(only_existing=True)) - _KEPT | _ALSO
    with connection.cursor() as cursor:
        try:
            # Neither foreign keys are looked at, nor the history's guards.
            cursor.execute("SET session_replication_role = replica")
        except ProgrammingError:
            # A server of somebody else's, on which that isn't ours to say.
            _flush(case)
            cursor.execute(_MAKE_HOME)
            return
        cursor.execute(_SIZES, [list(tables)])
        for table, size in cursor.fetchall():
            is_large = size > _LARGE
            cursor.execute(f"TRUNCATE {table} CASCADE" if is_large else f"DELETE FROM {table}")
        cursor.execute(_MAKE_HOME)
        cursor.execute("RESET session_replication_role")
        # What a guard would have done: other processes may remember what was there.
        cursor.execute("UPDATE experiments_config_version SET version = version + 1")
    partitions.ensure_ahead()
