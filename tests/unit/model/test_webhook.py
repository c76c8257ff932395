"""Which addresses can be told, and how a message is signed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from jobctl.errors import UsageError
from jobctl.model import webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.parametrize(
    "url", ["http://localhost:8080/x", "https://example.org", "https://[::1]/a?b=c%20d#e", "HTTPS://EXAMPLE.ORG/"]
)
def test_an_address_of_a_web_server_is_taken(url: str) -> None:
    webhook.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@example.org/",
        "https://example.org/a b",
        "https://example.org/\x1b",
        "https://ex\u00e4mple.org/",
        "https://example.org:99999/",
        "https://[::1/",
    ],
)
def test_what_nothing_can_be_sent_to_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="cannot send a webhook"):
        webhook.check(url)


def test_too_many_addresses_are_refused() -> None:
    webhook.check_all(("https://example.org",) * webhook.MOST)
    with pytest.raises(UsageError, match="too many"):
        webhook.check_all(("https://example.org",) * (webhook.MOST + 1))


@pytest.mark.parametrize(
    "secret", ["", "secret", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64 at all, but long enough"]
)
def test_a_secret_that_is_none_is_refused_and_not_shown(secret: str) -> None:
    with pytest.raises(UsageError, match="whsec_ and the base64") as refused:
        webhook.key(secret)
    assert "not base64 at all" not in str(refused.value)


def test_a_signature_is_one_that_others_verify() -> None:
    body, moment = json.dumps({"v": 1}).encode(), int(datetime.now(UTC).timestamp())
    other = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNk"
    signature = webhook.signature((webhook.key(SECRET), webhook.key(other)), "uuid:1", moment, body)
    headers = {"webhook-id": "uuid:1", "webhook-timestamp": str(moment), "webhook-signature": signature}
    for secret in (SECRET, other):
        assert Webhook(secret).verify(body, headers) == {"v": 1}
