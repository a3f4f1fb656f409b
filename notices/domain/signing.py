"""Signatures of webhooks. Source: Standard Webhooks 1.0, symmetric signatures."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from supplychain.base.errors import MalformedError

PREFIX = "whsec_"
KEY_BYTES_MIN, KEY_BYTES_MAX = 24, 64


def secret_of(key: bytes) -> str:
    """The key as both sides keep it."""
    return PREFIX + base64.b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """The bytes behind a secret. MalformedError unless it is `whsec_` and 24 to 64 in base64."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise MalformedError("The secret is not base64.", field="secret") from error
    if not secret.startswith(PREFIX) or not KEY_BYTES_MIN <= len(key) <= KEY_BYTES_MAX:
        raise MalformedError(
            f"A secret is {PREFIX} and {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes in base64.",
            field="secret",
        )
    return key


def signature(secret: str, message_id: str, sent_at: int, body: bytes) -> str:
    """Of `id.seconds.body`, as the header `webhook-signature` carries it. sent_at: Unix seconds."""
    signed = b".".join([message_id.encode(), str(sent_at).encode(), body])
    digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
