from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from notices.domain.signing import key_of, secret_of, signature
from supplychain.base.errors import MalformedError

KEY = bytes(range(32))


def test_a_receiver_can_check_the_signature() -> None:
    secret = secret_of(KEY)
    found = signature(secret, "msg_1", 1614265330, b'{"test": 2432232314}')
    expected = hmac.new(KEY, b'msg_1.1614265330.{"test": 2432232314}', hashlib.sha256).digest()
    assert found == f"v1,{base64.b64encode(expected).decode()}"
    assert key_of(secret) == KEY


@pytest.mark.parametrize(
    "secret", ["whsec_!!", "whsec_c2hvcnQ=", base64.b64encode(KEY).decode(), ""]
)
def test_odd_secrets_are_refused(secret: str) -> None:
    with pytest.raises(MalformedError, match="base64"):
        key_of(secret)
