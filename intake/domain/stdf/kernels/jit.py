"""Compiles kernels with numba where it is installed; without, the same source is plain Python.

NUMBA_DISABLE_JIT=1 switches compiling off. NUMBA_CACHE_DIR says where compiled code is kept, else
it lies beside the source, or in the user's cache folder where that cannot be written to.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from sys import byteorder
from typing import Any, TypeVar

from numpy.typing import NDArray

try:
    import numba
    import numba.extending
    from llvmlite import ir
except ImportError:  # pragma: no cover - a platform without wheels
    numba = None

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

IS_COMPILED: bool = numba is not None and not numba.config.DISABLE_JIT and byteorder == "little"


def _cache_folder() -> str:
    """One for each state of the sources: numba itself does not look at what a kernel calls."""
    here = Path(__file__).parent
    sources = b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))
    parent = Path(numba.config.CACHE_DIR or here / "__pycache__")
    return str(parent / f"stdf-{blake2b(sources, digest_size=8).hexdigest()}")


if IS_COMPILED:
    numba.config.CACHE_DIR = _cache_folder()


def compiled(function: Kernel) -> Kernel:
    """The function as machine code, kept on disk; itself when there is nothing to compile with.

    Where no folder can be written to, it is compiled anew in each process.
    """
    if not IS_COMPILED:
        return function
    try:
        return numba.njit(cache=True, nogil=True)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # pragma: no cover - no folder that can be written to
        return numba.njit(nogil=True)(function)  # type: ignore[no-any-return]


def inlined(function: Kernel) -> Kernel:
    """The function as a part of the kernels that call it."""
    if not IS_COMPILED:
        return function
    return numba.njit(forceinline=True)(function)  # type: ignore[no-any-return]


def column(array: NDArray[Any]) -> Any:
    """An array as a kernel takes it: memory views give plain Python numbers, which never wrap."""
    return array if IS_COMPILED else memoryview(array)  # type: ignore[arg-type]


def _bare(_: Any, array: Any) -> Any:  # pragma: no cover
    """An intrinsic of numba: the type of the call, and what makes its code."""

    def code(context: Any, builder: Any, _: Any, values: Any) -> Any:  # pragma: no cover
        view = context.make_array(array)(context, builder, value=values[0])
        view.meminfo = view.meminfo.type(None)  # nobody's
        return view._getvalue()  # noqa: SLF001

    return array(array), code


def _load(size: int) -> Callable[..., Any]:
    """An intrinsic that reads so many bytes at any place as one number, little-endian."""

    def load(_: Any, array: Any, at: Any) -> Any:  # pragma: no cover
        def code(context: Any, builder: Any, _: Any, values: Any) -> Any:
            view = context.make_array(array)(context, builder, value=values[0])
            word = ir.IntType(8 * size)
            place = builder.bitcast(builder.gep(view.data, [values[1]]), word.as_pointer())
            found = builder.load(place)
            found.align = 1
            return found if size == 8 else builder.zext(found, ir.IntType(64))

        return numba.types.int64(array, numba.types.int64), code

    return load


def _plain_load(size: int) -> Callable[[Any, int], int]:
    return lambda array, at: int.from_bytes(array[at : at + size], "little", signed=size == 8)


def _itself(array: Any) -> Any:
    return array


def _words() -> tuple[Callable[..., Any], ...]:
    sizes = (2, 4, 8)
    if not IS_COMPILED:
        return (_itself, *(_plain_load(size) for size in sizes))
    intrinsic = numba.extending.intrinsic
    return (intrinsic(_bare), *(intrinsic(_load(size)) for size in sizes))


bare, load2, load4, load8 = _words()
"""bare: the same memory without its owner, whom each call of a kernel would count twice.

The others: so many bytes at a place as one number, little-endian; eight of them with a sign.
"""
