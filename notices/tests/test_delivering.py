from __future__ import annotations

import hashlib
import hmac
import json
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from pytest_django.fixtures import Settings

from notices.domain.signing import key_of
from notices.domain.timing import RETRIES
from notices.domain.words import Severity
from notices.models import Delivery, Endpoint, Subscription
from notices.services import (
    deliver_due,
    make_endpoint,
    posting,
    rotate_secret,
    send_again,
    switch_endpoint,
    try_endpoint,
)
from notices.tasks import tell
from notices.tests.telling import NOW, news, person, spread, subscribed
from supplychain.base.errors import MalformedError, RefusedError

pytestmark = pytest.mark.django_db


class Receiver(HTTPServer):
    """Keeps what it gets and answers as told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/in"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.send_header("Location", self.server.url)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    server = Receiver()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def mail_server(settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.example"  # the tests' own backend keeps what is sent


def endpoint(url: str, actor: User | None = None) -> Endpoint:
    made = Endpoint(name="chat", url=url)
    make_endpoint(endpoint=made, actor=actor or person("admin"))
    subscribed(endpoint=made)
    return made


def state() -> tuple[str, int, datetime, str]:
    row = Delivery.objects.get()
    return row.state, row.attempts, row.due_at, row.last_error


@pytest.mark.usefixtures("mail_server")
def test_one_notice_is_one_mail_with_its_link() -> None:
    subscribed(person())
    spread(news())
    assert (deliver_due(now=NOW), deliver_due(now=NOW)) == (1, 0)
    (sent,) = mail.outbox
    assert (sent.subject, sent.to) == ("[Major] Q-000001 Yield is low", ["ann@fab.example"])
    assert "http://localhost:8000/issues/Q-000001" in str(sent.body)
    assert sent.extra_headers["Message-ID"].startswith(f"<{Delivery.objects.get().pk}@")
    assert state() == ("sent", 1, NOW, "")


@pytest.mark.usefixtures("mail_server")
def test_a_digest_is_one_mail_the_worst_first() -> None:
    subscribed(person(), digest_at=time(17), wakes_for_critical=False)
    spread(news(subject="A"), news(subject="B", severity=Severity.CRITICAL), news(subject="C"))
    assert deliver_due(now=NOW) == 0
    assert deliver_due(now=NOW.replace(hour=17)) == 1
    (sent,) = mail.outbox
    assert sent.subject == "3 notices: 1 critical, 2 major"
    assert str(sent.body).startswith("Critical: B\n")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.parametrize(
    ("email", "host", "error"),
    [("", "mail.example", "no e-mail address"), ("a@b.example", "", "SUPPLYCHAIN_EMAIL_HOST")],
)
def test_mail_that_cannot_go_says_why_and_is_tried_again(
    settings: Settings, email: str, host: str, error: str
) -> None:
    settings.EMAIL_HOST = host
    subscribed(person(email=email))
    spread(news())
    deliver_due(now=NOW)
    row = state()
    assert row[:3] == ("waiting", 1, NOW + RETRIES[0])
    assert error in row[3]


def test_a_webhook_is_signed_and_carries_the_facts(receiver: Receiver) -> None:
    made = endpoint(receiver.url)
    spread(news())
    assert deliver_due(now=NOW) == 1
    ((headers, body),) = receiver.got
    identity, sent_at = headers["webhook-id"], headers["webhook-timestamp"]
    assert identity == str(Delivery.objects.get().pk)
    signed = f"{identity}.{sent_at}.".encode() + body
    digest = hmac.new(key_of(made.secret), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{b64encode(digest).decode()}"
    said = json.loads(body)
    assert (said["type"], said["timestamp"]) == ("issue.opened", NOW.isoformat())
    assert said["data"]["url"] == "http://localhost:8000/issues/Q-000001"
    assert state()[0] == "sent"


def test_a_webhook_that_fails_is_sent_again_under_the_same_id(receiver: Receiver) -> None:
    endpoint(receiver.url)
    spread(news())
    receiver.answers = [500, 302]
    deliver_due(now=NOW)
    assert state()[:3] == ("waiting", 1, NOW + RETRIES[0])
    assert state()[3].startswith("It answered 500")
    assert deliver_due(now=NOW) == 0
    deliver_due(now=NOW + RETRIES[0])
    assert state()[3].startswith("It answered 302"), "a redirect is not followed"
    deliver_due(now=NOW + timedelta(hours=1))
    assert state()[0] == "sent"
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1


def test_after_the_last_attempt_it_is_given_up_until_somebody_sends_it_again(
    receiver: Receiver,
) -> None:
    endpoint(receiver.url)
    spread(news())
    receiver.answers = [503] * (len(RETRIES) + 1)
    now = NOW
    for _ in range(len(RETRIES) + 1):
        deliver_due(now=now)
        now += timedelta(days=1)
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == ("failed", len(RETRIES) + 1)
    send_again(delivery=row, now=now)
    deliver_due(now=now)
    assert state()[0] == "sent"
    with pytest.raises(RefusedError, match="It is sent"):
        send_again(delivery=row, now=now)


def test_a_receiver_that_is_gone_is_switched_off(receiver: Receiver) -> None:
    made = endpoint(receiver.url)
    spread(news())
    receiver.answers = [410]
    deliver_due(now=NOW)
    made.refresh_from_db()
    assert made.disabled_at is not None
    assert deliver_due(now=NOW + timedelta(days=2)) == 0
    switch_endpoint(endpoint=made, is_on=True)
    assert deliver_due(now=NOW + timedelta(days=2)) == 1
    assert state()[0] == "sent"


def test_a_webhook_into_our_own_network_is_refused(receiver: Receiver, settings: Settings) -> None:
    made = endpoint(receiver.url)
    settings.WEBHOOK_PRIVATE_HOSTS = []
    Endpoint.objects.update(url=f"https://127.0.0.1:{receiver.server_port}/")
    spread(news())
    deliver_due(now=NOW)
    assert "not public" in state()[3]
    assert receiver.got == []
    with pytest.raises(MalformedError, match="Only https"):
        make_endpoint(endpoint=Endpoint(name="b", url=receiver.url), actor=made.created_by)


def test_nobody_at_the_other_end_is_an_error_like_others(receiver: Receiver) -> None:
    endpoint("http://127.0.0.1:9/in")
    spread(news())
    deliver_due(now=NOW)
    assert "ConnectionRefusedError" in state()[3]


def test_a_test_message_reaches_the_receiver(receiver: Receiver) -> None:
    made = endpoint(receiver.url)
    earlier = made.secret
    assert rotate_secret(endpoint=made) != earlier
    try_endpoint(endpoint=made, actor=made.created_by, now=NOW)
    tell()
    assert json.loads(receiver.got[0][1])["type"] == "test"
    switch_endpoint(endpoint=made, is_on=False)
    made.refresh_from_db()
    with pytest.raises(RefusedError, match="is off"):
        try_endpoint(endpoint=made, actor=made.created_by, now=NOW)


@pytest.mark.usefixtures("mail_server")
@pytest.mark.parametrize("change", ["left", "lost the right"])
def test_who_may_not_know_any_more_is_told_nothing(change: str) -> None:
    ann = person("ann")
    subscribed(ann, digest_at=time(7))
    spread(news(), news())
    if change == "left":
        ann.is_active = False
        ann.save()
    else:
        ann.user_permissions.clear()
    assert deliver_due(now=NOW + timedelta(days=2)) == 1
    assert mail.outbox == []
    assert {row.state for row in Delivery.objects.all()} == {"cancelled"}
    assert deliver_due(now=NOW + timedelta(days=2)) == 0


@pytest.mark.usefixtures("mail_server")
def test_what_one_may_still_know_is_told() -> None:
    ann = person("ann")
    ann.user_permissions.add(Permission.objects.get(codename="view_step"))
    subscribed(ann, digest_at=time(7))
    spread(news(subject="of a lot"), news(subject="of a step", right="lots.view_step"))
    ann.user_permissions.remove(Permission.objects.get(codename="view_lot"))
    deliver_due(now=NOW + timedelta(days=2))
    assert [message.subject for message in mail.outbox] == ["[Major] of a step"]


def test_a_receiver_that_drips_is_given_up_in_time(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "SECONDS_MAX", 0.3)
    settings.WEBHOOK_PRIVATE_HOSTS = ["127.0.0.1"]
    is_over = Event()

    def drip(listener: socket.socket) -> None:
        talk, _ = listener.accept()
        with talk, suppress(OSError):
            talk.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not is_over.wait(0.05):
                talk.sendall(b"a")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        receiver = Thread(target=drip, args=(listener,), daemon=True)
        receiver.start()
        endpoint = Endpoint(name="slow", url=f"http://127.0.0.1:{listener.getsockname()[1]}/in")
        make_endpoint(endpoint=endpoint, actor=person("root"))
        Subscription.objects.create(endpoint=endpoint)
        spread(news())
        deliver_due(now=NOW)
        is_over.set()
        receiver.join()
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.last_error == "TimeoutError: no whole answer in 0.3 s"
