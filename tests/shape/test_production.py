"""What the page for production shows of a proxy is what the documents ask of one (REQUIREMENTS 002-30, C31)."""

from __future__ import annotations

import re

from carillon.conf import Settings
from tests.support import tree
from tests.support.covers import covers

PAGE = (tree.ROOT / "docs" / "howto" / "production.md").read_text(encoding="utf-8")


@covers("002-30")
def test_nginx_passes_the_upgrade_and_who_is_behind_it_and_waits_longer_than_the_heartbeat() -> None:
    upstream = re.search(r"upstream (\w+) \{\s*server ([\w.:]+);\s*\}", PAGE)
    assert upstream and upstream[2] == "127.0.0.1:8000"
    block = re.search(r"location / \{(.*?)\n\}", PAGE, re.DOTALL)
    assert block, "nginx has a place for our addresses"
    assert f"proxy_pass http://{upstream[1]};" in block[1] and "proxy_http_version 1.1;" in block[1]
    headers = dict(re.findall(r"proxy_set_header (\S+) (\S+);", block[1]))
    assert headers == {
        "Upgrade": "$http_upgrade",
        "Connection": "$connection_upgrade",
        "Host": "$host",
        "X-Real-IP": "$remote_addr",
        "X-Forwarded-For": "$proxy_add_x_forwarded_for",
        "X-Forwarded-Proto": "$scheme",
    }
    assert re.search(r"map \$http_upgrade \$connection_upgrade \{\s*default upgrade;", PAGE)
    waits = re.search(r"proxy_read_timeout (\d+)s;", block[1])
    assert waits and int(waits[1]) > Settings().HEARTBEAT_TIMEOUT


def test_sentry_finds_what_it_reads() -> None:
    assert "Sentry" in PAGE and "`logging`" in PAGE
