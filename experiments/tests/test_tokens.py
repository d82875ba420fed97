from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection

from experiments.models import ApiToken
from experiments.tests.factories import make_editor
from experiments.tokens import create_token, revoke_token, token_for

pytestmark = pytest.mark.django_db


def run(command: str, name: str) -> str:
    output = io.StringIO()
    call_command(command, name, stdout=output)
    return output.getvalue()


def test_token_is_recognised_until_it_is_revoked() -> None:
    row, text = create_token(name="reports", created_by=make_editor())
    assert token_for(text) == row
    revoke_token(token_id=row.id)
    assert token_for(text) is None
    with pytest.raises(ApiToken.DoesNotExist):
        revoke_token(token_id=row.id)


def test_token_is_stored_hashed_only() -> None:
    _, text = create_token(name="reports")
    secret = text.split("_", 2)[2]
    stored = " ".join(str(value) for row in ApiToken.objects.values() for value in row.values())
    assert text not in stored
    assert secret not in stored
    assert len(secret) >= 40


def test_tokens_are_each_their_own() -> None:
    texts = {create_token(name=f"client {n}")[1] for n in range(20)}
    assert len(texts) == 20
    assert {token_for(text).name for text in texts} == {f"client {n}" for n in range(20)}  # type: ignore[union-attr]  # a None fails the test as it should


def test_token_that_is_nearly_right_is_refused() -> None:
    _, text = create_token(name="reports")
    mark, prefix, secret = text.split("_", 2)
    other_digit = "0" if prefix[0] != "0" else "1"
    for wrong in (
        *("", "_", "__", mark, f"{mark}_{prefix}", f"{mark}_{prefix}_", f"{prefix}_{secret}"),
        *(text[:-1], text + "x", text.upper(), f"px_{prefix}_{secret}", f" {text}", f"{text}\n"),
        *(f"{mark}_{prefix}x_{secret}", f"{mark}_{other_digit}{prefix[1:]}_{secret}"),
        *(f"{mark}_{prefix}_é", f"{mark}_%_{secret}", f"{mark}_\x00_{secret}"),
    ):
        assert token_for(wrong) is None, wrong


def test_name_in_use_is_refused_and_free_again_once_revoked() -> None:
    row, _ = create_token(name="reports")
    with pytest.raises(ValidationError, match="A token of this name exists"):
        create_token(name="reports")
    revoke_token(token_id=row.id)
    create_token(name="reports")
    assert ApiToken.objects.filter(name="reports").count() == 2


@pytest.mark.django_db(transaction=True)
def test_name_asked_for_by_many_at_once_is_given_to_one() -> None:
    barrier = threading.Barrier(8)

    def create(_turn: int) -> bool:
        try:
            barrier.wait(timeout=10)
            create_token(name="reports")
        except ValidationError:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(create, range(8))) == 1


def test_create_token_prints_just_the_token() -> None:
    printed = run("create_token", "reports")
    assert printed.endswith("\n")
    token = token_for(printed.removesuffix("\n"))
    assert token is not None
    assert token.name == "reports"


def test_create_token_of_a_name_in_use_says_so() -> None:
    run("create_token", "reports")
    with pytest.raises(CommandError, match="A token of this name exists; revoke it first"):
        run("create_token", " reports ")


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_create_token_of_an_impossible_name_says_so(name: str) -> None:
    with pytest.raises(CommandError, match=r"blank|at most 100"):
        run("create_token", name)
    assert not ApiToken.objects.exists()


def test_revoke_token_makes_it_worthless_and_says_where_there_is_none() -> None:
    text = run("create_token", "reports").strip()
    assert "reports" in run("revoke_token", "reports")
    assert token_for(text) is None
    with pytest.raises(CommandError, match="No valid token has the name “reports”"):
        run("revoke_token", "reports")
