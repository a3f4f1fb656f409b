"""Where webhooks may go: to public addresses by HTTPS, and to hosts that were allowed by name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from supplychain.base.errors import MalformedError, RefusedError

PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver. path: with its query."""

    host: str
    port: int
    path: str
    is_tls: bool


def target_of(url: str, private_hosts: Collection[str] = ()) -> Target:
    """The parts of an address.

    MalformedError for what is none, has a user in it, or is plain HTTP to a host not in
    private_hosts.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise MalformedError(f"{url!r} is no address.", field="url") from error
    host = parts.hostname or ""
    if parts.scheme not in PORTS or not host or parts.username is not None:
        raise MalformedError("Give it as https://host/path, with no user in it.", field="url")
    if parts.scheme == "http" and host not in private_hosts:
        raise MalformedError("Only https is allowed.", field="url")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port or PORTS[parts.scheme], path, parts.scheme == "https")


def public_address(host: str, addresses: Sequence[str], private_hosts: Collection[str]) -> str:
    """The first of a host's addresses. RefusedError when one is not public and the host is not

    in private_hosts: a name that points inside must not be reached through us.
    """
    if not addresses:
        raise RefusedError(f"{host} has no address.", host=host)
    inside = [one for one in addresses if not ip_address(one).is_global]
    if inside and host not in private_hosts:
        raise RefusedError(f"{host} is at {inside[0]}, which is not public.", host=host)
    return addresses[0]
