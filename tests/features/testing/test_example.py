"""The examples of docs/testing.md, run as they are printed there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support import tree

PAGE = Path("docs/testing.md")
BLOCKS = re.findall(
    r"^```python\n(# (test_\w+\.py)\n.*?)^```", (tree.ROOT / PAGE).read_text(), re.MULTILINE | re.DOTALL
)
SHOP = '''"""What the example is about."""

from django.contrib.auth import get_user_model
from django.db import transaction

from carillon.notifications import notify


def make_customer(username="zoe"):
    return get_user_model().objects.create(username=username)


def pay(customer, number):
    with transaction.atomic():
        notify(customer, title=f"Order {number} is paid", url=f"/orders/{number}/", data={"order": number})


def announce(people, text):
    notify(people, title=text)
'''

pytest_plugins = ["pytester"]


@pytest.mark.serial
def test_the_examples_pass_as_they_are_printed(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {name for _, name in BLOCKS} == {"test_orders.py", "test_orders_with_pytest.py", "test_bell.py"}
    monkeypatch.setenv("PYTHONPATH", f"{pytester.path}:{tree.ROOT}")
    pytester.makepyfile(shop=SHOP, **{name.removesuffix(".py"): body for body, name in BLOCKS})
    pytester.makeini("[pytest]\nDJANGO_SETTINGS_MODULE = tests.settings\nasyncio_mode = auto\n")
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-p", "no:randomly")
    outcome = result.parseoutcomes()
    assert (outcome.get("passed"), set(outcome)) == (8, {"passed"}), result.stdout.str()
