"""What holds the house up: layout, direction of imports, purity, homes of SQL, visitors' keys."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = ("config", "experiments", "metrics", "landing", "dashboard")
FOLDERS = {
    *PACKAGES,
    *("benchmarks", "docker", "docs", "locale", "scripts", "static", "templates", "tests"),
}
# Made by tools, and by running the product; none of it is the project's.
BY_PRODUCTS = {"var", "build", "htmlcov", "__pycache__"}
FILES = {
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "Makefile", "manage.py"),
    *("pyproject.toml", "requirements.txt", "requirements-dev.txt", "conftest.py"),
    *("Dockerfile", "docker-compose.yml", ".env.example", ".ci/run"),
}

# Where hand-written SQL may stand. The embedded server's caretaker speaks to it before there is a
# database for the ORM to use.
SQL_HOMES = {
    # Holds no SQL: it sends what the stores hold.
    "experiments/statements.py",
    # One setting of the transaction.
    "experiments/database/telling.py",
    "metrics/partitions.py",
    "metrics/recount.py",
    "config/embedded/cluster.py",
}
SQL_CALLS = {"cursor", "execute", "executemany", "raw", "extra", "copy"}
SQL_NAMES = {"RunSQL", "RawSQL", "Cursor"}

# Who has a visitor in each row, and so grows with them.
VISITORS_TABLES = {
    "experiments_assignment",
    "metrics_event",
    "metrics_eventclaim",
    "metrics_firstoccurrence",
    "metrics_visitortotal",
}
CONFIGURATION_TABLES = {"experiments_experiment", "experiments_variant"}
# Who grows with staff's work, with days, or (leads, on purpose without a visitor) with sign-ups.
OTHER_TABLES = {
    *CONFIGURATION_TABLES,
    "experiments_page",
    "experiments_apitoken",
    "experiments_auditentry",
    "experiments_config_version",
    "experiments_goal",
    "experiments_invitation",
    "experiments_phase",
    "experiments_plan",
    "experiments_toggle",
    "metrics_dailycount",
    "metrics_dailysum",
    "metrics_lead",
    "metrics_pagecount",
    "metrics_plannedlook",
    "metrics_prunedmonth",
}


def sources(*folders: str) -> Iterator[Path]:
    """Yield the project's Python files in these folders, without those of tests."""
    for folder in folders:
        for path in sorted((PROJECT / folder).rglob("*.py")):
            if "tests" not in path.relative_to(PROJECT).parts:
                yield path


def modules_imported_by(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            yield node.module or ""


def sql_in(path: Path) -> list[str]:
    """Return the places of a file, as name and line, in which SQL is sent or kept."""
    found = []
    nodes = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.expr))
    for node in nodes:
        name = ""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr if node.func.attr in SQL_CALLS else ""
            # dict.copy, list.copy: the one name that means something else without an argument.
            if name == "copy" and not node.args:
                name = ""
        if isinstance(node, ast.Attribute | ast.Name):
            named = node.attr if isinstance(node, ast.Attribute) else node.id
            name = named if named in SQL_NAMES else name
        if name:
            found.append(f"{name}, line {node.lineno}")
    return found


def test_top_level_holds_the_planned_folders_and_no_others() -> None:
    there = {path.name for path in PROJECT.iterdir() if path.is_dir()} - BY_PRODUCTS
    assert {name for name in there if not name.startswith(".")} == FOLDERS


def test_top_level_holds_the_files_that_every_project_has() -> None:
    assert [name for name in sorted(FILES) if not (PROJECT / name).is_file()] == []


def test_file_lengths_are_within_the_limit() -> None:
    checked = subprocess.run(
        [sys.executable, "scripts/file_lengths.py"], cwd=PROJECT, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout


def test_import_contracts_are_kept() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([program, "--no-cache"], cwd=PROJECT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    "path",
    [PROJECT / "experiments/bucketing.py", *sources("metrics/stats")],
    ids=lambda path: path.relative_to(PROJECT).as_posix(),
)
def test_pure_module_imports_the_standard_library_only(path: Path) -> None:
    foreign = [
        module
        for module in modules_imported_by(path)
        if module.partition(".")[0] not in sys.stdlib_module_names
        and not module.startswith("metrics.stats.")
    ]
    assert foreign == []


def test_sql_stands_in_its_homes_only() -> None:
    astray = {}
    for path in sources(*PACKAGES):
        name = path.relative_to(PROJECT).as_posix()
        is_home = path.name == "store.py" or path.parent.name == "migrations" or name in SQL_HOMES
        if not is_home and (places := sql_in(path)):
            astray[name] = places
    assert astray == {}


@pytest.mark.parametrize(
    ("code", "places"),
    [
        ("with connection.cursor() as c: c.execute('SELECT 1')", 2),
        ("Event.objects.raw('SELECT 1')", 1),
        ("operations = [migrations.RunSQL('SELECT 1')]", 1),
        ("values = dict(a=1).copy()", 0),
        ("statement('ingest')", 0),
    ],
)
def test_sql_search_finds_what_it_should(code: str, places: int, tmp_path: Path) -> None:
    path = tmp_path / "code.py"
    path.write_text(code)
    assert len(sql_in(path)) == places


def test_sql_files_are_used_and_lie_together() -> None:
    files = {
        path.relative_to(PROJECT)
        for package in PACKAGES
        for path in (PROJECT / package).rglob("*.sql")
    }
    assert {path.parent for path in files} == {Path("metrics/sql")}
    code = "".join(path.read_text() for path in sources("metrics"))
    assert [f.stem for f in sorted(files) if f'statement("{f.stem}"' not in code] == []


@pytest.mark.django_db
def test_tables_with_a_visitor_are_those_that_grow() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid "
            "WHERE a.attname = 'visitor_id' AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
            "AND c.relnamespace = 'public'::regnamespace"
        )
        assert {name for (name,) in cursor.fetchall()} == VISITORS_TABLES
    named = {model._meta.db_table for model in apps.get_models()}
    assert named >= VISITORS_TABLES


@pytest.mark.django_db
def test_every_table_of_ours_says_whether_it_grows_with_visitors() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition "
            "AND relnamespace = 'public'::regnamespace"
        )
        tables = {name for (name,) in cursor.fetchall() if name.split("_")[0] in PACKAGES}
    assert tables == VISITORS_TABLES | OTHER_TABLES


@pytest.mark.django_db
def test_every_unique_key_of_a_growing_table_holds_the_visitor() -> None:
    keys: dict[str, dict[str, set[str]]] = defaultdict(dict)
    with connection.cursor() as cursor:
        # Partitions too: a key of theirs could be made apart from their parent's.
        cursor.execute(
            """
            SELECT coalesce(parent.relname, t.relname), i.indexrelid::regclass::text,
                array_agg(a.attname::text)
            FROM pg_index AS i
            JOIN pg_class AS t ON t.oid = i.indrelid
            LEFT JOIN pg_inherits AS h ON h.inhrelid = t.oid
            LEFT JOIN pg_class AS parent ON parent.oid = h.inhparent
            -- A column that an index only includes is none of its key.
            JOIN pg_attribute AS a
                ON a.attrelid = t.oid AND a.attnum = ANY (i.indkey[0 : i.indnkeyatts - 1])
            WHERE i.indisunique AND t.relnamespace = 'public'::regnamespace
            GROUP BY 1, 2
            """
        )
        for table, key, columns in cursor.fetchall():
            if table in VISITORS_TABLES:
                keys[table][key] = set(columns)
    assert keys.keys() == VISITORS_TABLES
    without = {
        key: sorted(columns)
        for table in keys.values()
        for key, columns in table.items()
        if "visitor_id" not in columns
    }
    assert without == {}


@pytest.mark.django_db
def test_growing_tables_refer_to_configuration_only() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint "
            "WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
        )
        references = cursor.fetchall()
    wrong = [
        f"{table} → {target}"
        for table, target in references
        if table in VISITORS_TABLES and target not in CONFIGURATION_TABLES
    ]
    assert wrong == []
    # Nor does anything refer to them: a reference across shards can't be kept.
    assert [f"{t} → {target}" for t, target in references if target in VISITORS_TABLES] == []
