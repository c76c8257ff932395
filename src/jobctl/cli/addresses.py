"""What is checked of `--webhook` and `--progress-from` before a job is stored with them."""

from __future__ import annotations

import re
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


def check_pattern(text: str) -> str:
    """Return *text* if it is the name of a format or a regular expression.

    Raises:
        UsageError: it is empty or cannot be compiled.
    """
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as wrong:
        raise UsageError(f"--progress-from {text!r} is not a regular expression: {wrong}") from None
    if not text.strip():
        raise UsageError("--progress-from was given nothing; write auto, none, a format or a regular expression")
    return text
