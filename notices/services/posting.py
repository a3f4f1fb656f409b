"""Webhooks, as Standard Webhooks 1.0 has them: signed JSON, to public addresses, no redirects."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from threading import Event, Timer
from typing import Any

from django.conf import settings

from notices.domain.addresses import Target, public_address, target_of
from notices.domain.signing import signature
from notices.models import Delivery, Endpoint
from supplychain.base.errors import SupplychainError

SECONDS_MAX = 10.0
ANSWER_BYTES_MAX = 200
GONE = 410


class GoneError(Exception):
    """The receiver asks for no more of this."""


def post(endpoint: Endpoint, delivery: Delivery) -> str:
    """Send it; what went wrong, empty for any 2xx. GoneError for 410."""
    body = json.dumps(_content(delivery), sort_keys=True).encode()
    sent_at = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "supplychain-webhooks/1",
        "webhook-id": str(delivery.pk),
        "webhook-timestamp": str(sent_at),
        "webhook-signature": signature(endpoint.secret, str(delivery.pk), sent_at, body),
    }
    try:
        target = target_of(endpoint.url, settings.WEBHOOK_PRIVATE_HOSTS)
        status, text = _exchange(target, body, headers)
    except SupplychainError as error:
        return error.detail
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    if status == GONE:
        raise GoneError
    return "" if 200 <= status < 300 else f"It answered {status}: {text}"


def _content(delivery: Delivery) -> dict[str, Any]:
    notice = delivery.notice
    return {
        "type": notice.kind,
        "timestamp": notice.occurred_at.isoformat(),
        "data": {
            **notice.facts,
            "severity": notice.severity,
            "subject": notice.subject,
            "url": f"{settings.PUBLIC_URL}{notice.address}",
        },
    }


def _exchange(target: Target, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """Status and start of the answer. The address that was looked at is the one connected to."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [str(row[4][0]) for row in found]
    address = public_address(target.host, addresses, settings.WEBHOOK_PRIVATE_HOSTS)
    connection = http.client.HTTPConnection(target.host, target.port, timeout=SECONDS_MAX)
    connection.sock = talk = _socket(target, address)
    with closing(connection), _hung_up_in_time(talk):
        if isinstance(talk, ssl.SSLSocket):
            talk.do_handshake()
        connection.request("POST", target.path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(ANSWER_BYTES_MAX).decode(errors="replace")


def _socket(target: Target, address: str) -> socket.socket:
    """Connected. With TLS, nobody has shaken hands yet."""
    plain = socket.create_connection((address, target.port), timeout=SECONDS_MAX)
    if not target.is_tls:
        return plain
    return ssl.create_default_context().wrap_socket(
        plain, server_hostname=target.host, do_handshake_on_connect=False
    )


@contextmanager
def _hung_up_in_time(talk: socket.socket) -> Iterator[None]:
    """A socket's own timeout begins anew with each byte that drips in. TimeoutError when it was

    hung up, whatever came until then.
    """
    is_late = Event()

    def hang_up() -> None:
        is_late.set()
        with suppress(OSError):
            socket.socket.shutdown(talk, socket.SHUT_RDWR)

    clock = Timer(SECONDS_MAX, hang_up)
    clock.daemon = True
    clock.start()
    try:
        yield
    except (OSError, http.client.HTTPException):
        if not is_late.is_set():
            raise
    finally:
        clock.cancel()
    if is_late.is_set():
        raise TimeoutError(f"no whole answer in {SECONDS_MAX:g} s")
