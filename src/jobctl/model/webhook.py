"""Webhooks as Standard Webhooks 1.0 has them: which addresses can be told, and how a message is signed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from urllib.parse import urlsplit

from jobctl.errors import UsageError

_PREFIX = "whsec_"
#: Addresses that one job may name, and the configuration: every one is a delivery of its own.
MOST = 20


def check_all(urls: tuple[str, ...]) -> None:
    """Refuse addresses that nothing can be sent to, and too many of them.

    Raises:
        UsageError: there are more than `MOST`, or as `check`.
    """
    if len(urls) > MOST:
        raise UsageError(f"{len(urls)} webhooks are too many; {MOST} can be told, and one of them can tell others")
    for url in urls:
        check(url)


def check(url: str) -> None:
    """Refuse an address that nothing can be sent to.

    Raises:
        UsageError: it is not http or https, names no host, or holds a password, spaces or control characters.
    """
    why = None
    try:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"}:
            why = "it begins neither with http:// nor with https://"
        elif not parts.hostname:
            why = "it names no host"
        elif parts.username is not None or parts.password is not None:
            why = "it holds a password, which would be visible to everybody who sees the address"
        elif parts.port == 0 or not url.isascii() or not url.isprintable() or " " in url:
            why = "it is not a proper address (write what is not ASCII as %XX)"
    except ValueError as wrong:
        why = str(wrong)
    if why is not None:
        raise UsageError(f"cannot send a webhook to {url!r:.200}: {why}")


def key(secret: str) -> bytes:
    """Return the bytes that *secret* stands for: base64 behind `whsec_`.

    Raises:
        UsageError: it is not of this form, or shorter than 24 bytes.
    """
    try:
        if not secret.startswith(_PREFIX):
            raise ValueError
        found = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        if len(found) < 24:
            raise ValueError
    except (ValueError, binascii.Error):
        raise UsageError(
            "a secret for webhooks is whsec_ and the base64 of 24 to 64 random bytes, as this makes one: "
            'echo "whsec_$(head -c 32 /dev/urandom | base64)"'
        ) from None
    return found


def signature(keys: tuple[bytes, ...], message: str, timestamp: int, body: bytes) -> str:
    """Return the header `webhook-signature` for the *body* of *message*, sent at *timestamp*: one part for each key."""
    signed = f"{message}.{timestamp}.".encode("ascii") + body
    made = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return " ".join("v1," + base64.b64encode(digest).decode("ascii") for digest in made)
