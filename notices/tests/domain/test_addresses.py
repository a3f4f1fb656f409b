from __future__ import annotations

import pytest

from notices.domain.addresses import Target, public_address, target_of
from supplychain.base.errors import MalformedError, RefusedError


def test_an_address_has_parts() -> None:
    assert target_of("https://a.example/in?x=1") == Target("a.example", 443, "/in?x=1", True)
    assert target_of("https://a.example:8443") == Target("a.example", 8443, "/", True)
    assert target_of("http://inside:80/in", ["inside"]) == Target("inside", 80, "/in", False)


@pytest.mark.parametrize(
    "url",
    [
        "a.example", "ftp://a.example", "https://", "https://me:pw@a.example", "http://a.example",
        "https://a.example:port", "https://[::1",
    ],
)  # fmt: skip
def test_odd_addresses_are_refused(url: str) -> None:
    with pytest.raises(MalformedError):
        target_of(url)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "0.0.0.0"],  # noqa: S104
)
def test_nothing_inside_is_reached(address: str) -> None:
    with pytest.raises(RefusedError, match="not public"):
        public_address("a.example", ["93.184.215.14", address], [])
    assert public_address("inside", [address], ["inside"]) == address


def test_a_public_host_is_reached_at_its_first_address() -> None:
    assert public_address("a.example", ["93.184.215.14", "8.8.8.8"], []) == "93.184.215.14"
    with pytest.raises(RefusedError, match="no address"):
        public_address("a.example", [], [])
