from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from intake.tests.engines import plain_kernels

IN_BOTH = ("test_parts", "test_readings", "test_summaries", "test_batches", "test_kernels")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.module.__name__.rpartition(".")[2] in IN_BOTH:
        metafunc.parametrize("kernels", ["compiled", "plain"], indirect=True, scope="module")


@pytest.fixture(scope="module", autouse=True)
def kernels(request: pytest.FixtureRequest) -> Iterator[None]:
    with plain_kernels() if getattr(request, "param", "") == "plain" else nullcontext():
        yield
