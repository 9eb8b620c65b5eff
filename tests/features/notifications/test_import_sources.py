"""Where notifications are imported from: tables of the host's own, files, and what is neither."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection
from django.utils import timezone

from carillon.notifications.actions.importing import Imported
from carillon.notifications.foreign import Row
from carillon.notifications.models import Notification
from tests.features.notifications import hq
from tests.features.notifications.hq import run
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def wordy(row: Row) -> Imported | None:
    """A host's own table, read by a function of the host's."""
    if row["kind"] == "noise":
        return None
    return Imported(
        key=str(row["id"]),
        recipient=row["owner"],
        title=row["text"].upper(),
        created_at=timezone.make_aware(dt.datetime.fromtimestamp(row["at"])),
        group_key=row["kind"],
    )


def test_another_table_is_read_by_a_function_of_the_host() -> None:
    alice, bruno = make_user(), make_user()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE alerts (id integer, owner integer, text varchar(50), kind varchar(9), at integer)")
        for n, (owner, kind) in enumerate([(alice.pk, "sale"), (bruno.pk, "sale"), (alice.pk, "noise")]):
            cursor.execute(
                "INSERT INTO alerts VALUES (%s, %s, %s, %s, %s)", [n, owner, f"text {n}", kind, 1_700_000_000]
            )
    try:
        options = ("--table", "alerts", "--recipient-column", "owner", "--map", f"{__name__}.wordy")
        assert run(*options).startswith("2 imported; 0 were there already, 1 left out")
        assert run(*options).startswith("0 imported; 2 were there already")
        assert run(*options, "--source", "another").startswith("2 imported"), (
            "the source tells rows of two systems apart"
        )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE alerts")
    assert list(Notification.objects.filter(user=bruno).values_list("title", flat=True)) == ["TEXT 1", "TEXT 1"]


@pytest.mark.parametrize("form", ["lines", "dumpdata", "dumpdata lines", "natural"])
def test_files(form: str, tmp_path: Path) -> None:
    alice, bruno = make_user("alice"), make_user("bruno")
    rows = [hq.row(n, alice.pk, actor_object_id=str(bruno.pk), description="a\u2028b") for n in range(3)]
    for row in rows:
        row["timestamp"] = row["timestamp"].isoformat()
    dumped = [
        {
            "model": "notifications.notification",
            "pk": row["id"],
            "fields": {name.removesuffix("_id") if "type" in name or name == "recipient_id" else name: value
                       for name, value in row.items() if name != "id"},
        }
        for row in rows
    ]  # fmt: skip
    if form == "natural":
        for entry in dumped:
            entry["fields"] |= {"recipient": ["alice"], "actor_content_type": ["auth", "user"]}
    else:
        types = {"model": "contenttypes.contenttype", "pk": rows[0]["actor_content_type_id"]}
        dumped.append(types | {"fields": {"app_label": "auth", "model": "user"}})
    path = tmp_path / "old.json"
    if form in ("dumpdata", "natural"):
        path.write_text(json.dumps(dumped, indent=2), encoding="utf-8")
    else:
        listed = rows if form == "lines" else dumped
        path.write_text("\n".join(json.dumps(each, ensure_ascii=False) for each in listed), encoding="utf-8")
    assert run("--file", str(path)).startswith("3 imported")
    assert {(row.user_id, row.actor_id, row.message) for row in Notification.objects.all()} == {
        (alice.pk, bruno.pk, "a\u2028b")
    }


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--table", "nowhere"], "no table 'nowhere'"),
        (["--table", "auth_user"], "no column 'recipient_id'; it has .*username"),
        (["--from", "elsewhere"], "no 'elsewhere'"),
        (["--batch", "0"], "1 to 1000"),
        (["--table", "auth_user", "--recipient-column", "id", "--map", "no.such"], "--map: No module named 'no'"),
        (["--file", "/nowhere/at/all"], "No such file"),
        (["--table", 'auth_user"; DROP TABLE auth_user; --'], "no table"),
    ],
)
def test_mistakes_are_told_in_words(options: list[str], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        run(*options)


@pytest.mark.parametrize("text", ["{", "[1]", '{"a": 1}', '"x"'])
def test_files_that_are_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(text)
    with pytest.raises(CommandError):
        run("--file", str(path))
