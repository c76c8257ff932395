"""One webhook: sent once, signed, by the standard library; what comes back decides whether it is tried again.

Delivered is what is answered with 2xx. Nothing is redirected: the answer could send a job's status anywhere.
410 is given up at once, everything else is tried again, after Retry-After where that is given.
Certificates are always checked.
"""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.request

import jobctl
from jobctl.model import webhook
from jobctl.model.value import Value
from jobctl.store import codec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

_GONE: Final = 410


class Outcome(Value):
    """What one try came to."""

    delivered: bool
    #: Whether it makes no sense to try again.
    final: bool = False
    #: For people.
    result: str
    #: Seconds after which the receiver wants it again.
    retry_after: float | None = None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow none: the redirection itself is the answer."""


def encoded(body: dict[str, Any]) -> bytes:
    """Return the bytes of *body* that are sent and signed."""
    return codec.encode(body).rstrip(b"\n")


def send(url: str, message: str, body: dict[str, Any], keys: tuple[bytes, ...], *, within: float) -> Outcome:
    """Send *body* to *url*; return what came of it. Each wait for the receiver is at most half of *within* seconds."""
    data, now = encoded(body), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"jobctl/{jobctl.__version__}",
        "webhook-id": message,
        "webhook-timestamp": str(now),
    }
    if keys:
        headers["webhook-signature"] = webhook.signature(keys, message, now, data)
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        _NoRedirects(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
    )
    try:
        webhook.check(url)  # The scheme is one of two, whoever wrote the record.
        request = urllib.request.Request(url, data, headers, method="POST")  # noqa: S310  # checked in the line above
        with opener.open(request, timeout=within / 2) as answer:
            return Outcome(delivered=True, result=f"HTTP {answer.status}")
    except urllib.error.HTTPError as refusal:
        with refusal:
            return Outcome(
                delivered=False,
                final=refusal.code == _GONE,
                result=f"HTTP {refusal.code} {refusal.reason}"[:200],
                retry_after=_seconds(refusal.headers.get("Retry-After")),
            )
    except urllib.error.URLError as failure:
        reason = failure.reason
        return Outcome(delivered=False, result=str(getattr(reason, "strerror", None) or reason)[:200])
    except (OSError, http.client.HTTPException) as failure:
        return Outcome(delivered=False, result=(str(failure) or type(failure).__name__)[:200])


def _seconds(retry_after: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for, None if it asks for none or names a date."""
    text = (retry_after or "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
