"""Pages that may open a socket on a person's cookie, and those that only look like them (GUARANTEES S5)."""

from __future__ import annotations

from tests.support.server import Server

LISTED = "https://app.example.com"


def own(server: Server) -> list[str]:
    """The origins from which a cookie counts: the server's own as the browser names it, and the listed one."""
    return [server.url, f"https://127.0.0.1:{server.port}", LISTED]


def foreign(server: Server) -> list[list[str]]:
    """The Origin headers, each time all of them, from which it does not."""
    port = server.port
    single = [
        "null",
        "",
        " ",
        "*",
        "file://",
        "about:blank",
        "data:text/html,x",
        "https://evil.example",
        # Another scheme, another port.
        f"ws://127.0.0.1:{port}",
        f"wss://127.0.0.1:{port}",
        f"ftp://127.0.0.1:{port}",
        f"//127.0.0.1:{port}",
        f"127.0.0.1:{port}",
        "http://127.0.0.1",
        f"http://127.0.0.1:{port + 1}",
        f"http://127.0.0.1:{port}0",
        f"http://127.0.0.1:0{port}",
        "http://app.example.com",
        "https://app.example.com:443",
        "https://app.example.com:8443",
        # Before it, behind it, and in the middle.
        "https://app.example.com.evil.example",
        "https://evil-app.example.com",
        "https://evilapp.example.com",
        "https://app.example.comevil",
        "https://app.example.co",
        "https://example.com",
        "https://sub.app.example.com",
        "https://app-example.com",
        "https://appXexample.com",
        f"http://127.0.0.1:{port}.evil.example",
        f"http://127.0.0.1.evil.example:{port}",
        # The same to somebody who reads, and not to a browser.
        "https://APP.example.com",
        "HTTPS://app.example.com",
        "https://app.example.com.",
        "https://app.example.com/",
        "https://app.example.com/path",
        "https://app.example.com?x",
        "https://app.example.com#x",
        "https://app.example.com\\.evil.example",
        "https://app.example.com%2eevil.example",
        "https://xn--pp-6kb.example.com",
        # Whose name stands before the address.
        "https://app.example.com@evil.example",
        "https://evil.example@app.example.com",
        f"http://user@127.0.0.1:{port}",
        f"http://127.0.0.1:{port}@evil.example",
        # The same machine by another name.
        f"http://localhost:{port}",
        f"http://[::1]:{port}",
        f"http://[::ffff:127.0.0.1]:{port}",
        f"http://2130706433:{port}",
        f"http://0x7f.1:{port}",
        f"http://127.1:{port}",
        # Two in one.
        f"{LISTED}, https://evil.example",
        f"https://evil.example {LISTED}",
        f"{LISTED},{LISTED}",
    ]
    several = [[LISTED, "https://evil.example"], ["https://evil.example", "null"]]
    return [[], *([origin] for origin in single), *several]
