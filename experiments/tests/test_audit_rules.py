"""The audit log as a whole: what a change is, what is audited, and what the log refuses."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from experiments.database.telling import AUDITED_TABLES
from experiments.models import AuditEntry, Toggle
from experiments.tests.audit import entries_since, last_entry, new_change
from experiments.tests.factories import ExperimentFactory, ToggleFactory

pytestmark = pytest.mark.django_db


def test_all_of_a_transaction_is_one_change() -> None:
    new_change()
    with entries_since() as entries:
        ExperimentFactory.create()
        new_change()
        ToggleFactory.create()
    changes = sorted({entry.change_id for entry in entries})
    assert changes[0] == entries[0].id
    assert changes[1:] == [entries[-1].id]
    assert len({entry.at for entry in entries}) == 1


@pytest.mark.django_db(transaction=True)
def test_each_transaction_is_a_change_of_its_own() -> None:
    with entries_since() as entries:
        ToggleFactory.create()
        with transaction.atomic():
            ToggleFactory.create()
            ToggleFactory.create()
    first, second, third = entries
    assert first.change_id == first.id
    assert (second.change_id, third.change_id) == (second.id, second.id)


def test_what_is_rolled_back_leaves_no_entry() -> None:
    with entries_since() as entries:
        with pytest.raises(IntegrityError), transaction.atomic():
            ToggleFactory.create_batch(2, key="the_same")
        toggle = ToggleFactory.create()
    assert [entry.object_id for entry in entries] == [str(toggle.id)]
    assert entries[0].change_id == entries[0].id


def test_table_emptied_at_once_leaves_one_entry() -> None:
    ToggleFactory.create()
    with entries_since() as entries, connection.cursor() as cursor:
        # As Django's own flush does, the triggers of foreign keys aside.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE experiments_toggle")
    [entry] = entries
    assert (entry.object_type, entry.action, entry.object_id, entry.object_name) == (
        "toggle",
        "deleted",
        "",
        "experiments_toggle",
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE experiments_auditentry SET actor_name = 'nobody'",
        "UPDATE experiments_auditentry SET actor_name = 'nobody' WHERE false",
        "DELETE FROM experiments_auditentry",
        "TRUNCATE experiments_auditentry",
        "INSERT INTO experiments_auditentry SELECT * FROM experiments_auditentry LIMIT 1",
    ],
    ids=["update", "update of nothing", "delete", "truncate", "insert"],
)
def test_log_refuses_whatever_its_triggers_do_not_write(statement: str) -> None:
    ToggleFactory.create()
    count = AuditEntry.objects.count()
    with (
        pytest.raises(IntegrityError, match="audit log"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AuditEntry.objects.count() == count > 0


def test_log_refuses_the_models_own_writes_too() -> None:
    ToggleFactory.create()
    entry = last_entry()
    for refused in (entry.save, entry.delete, AuditEntry.objects.all().delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            refused()


def test_audited_tables_are_those_with_the_triggers() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger "
            "WHERE tgname LIKE 'audit%' AND NOT tgisinternal"
        )
        assert sorted(name for (name,) in cursor.fetchall()) == sorted(AUDITED_TABLES)


def test_every_table_of_configuration_is_audited() -> None:
    """A new one gets the audit's triggers, or is named here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') "
            "AND relnamespace = 'public'::regnamespace AND relname LIKE 'experiments\\_%%'"
        )
        tables = {name for (name,) in cursor.fetchall()}
    not_audited = {
        "experiments_assignment",  # visitors'
        "experiments_auditentry",
        "experiments_config_version",  # one number
    }
    assert tables - not_audited == {t for t in AUDITED_TABLES if t.startswith("experiments_")}


def test_toggle_written_by_plain_sql_is_logged_too() -> None:
    toggle = ToggleFactory.create()
    with entries_since() as entries, connection.cursor() as cursor:
        cursor.execute("UPDATE experiments_toggle SET enabled = NOT enabled")
    [entry] = entries
    assert entry.object_id == str(toggle.id)
    assert Toggle.objects.get().enabled
