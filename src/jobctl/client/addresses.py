"""What is checked of `--webhook` before a job is stored with it."""

from __future__ import annotations

from urllib.parse import urlsplit

from jobctl.errors import UsageError


def check_url(url: str) -> str:
    """Return *url* if it can be told something.

    Raises:
        UsageError: it is not one of http or https with a host.
    """
    try:
        parts = urlsplit(url)
        is_fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_fine = False
    if not is_fine or not url.isascii() or any(char <= " " or char == "\x7f" for char in url):
        raise UsageError(f"--webhook {url!r} is not an address: write one such as https://example.org/hook")
    return url
