"""What can be wrong with a file, before and while it is read."""

from __future__ import annotations

from supplychain.base.errors import MalformedError, SupplychainError, TooLargeError


class FileRefusedError(MalformedError):
    """A file that cannot be loaded as a whole, with the reason a sender can act on."""

    code = "file-refused"
    title = "The file cannot be loaded"


class ArchiveError(FileRefusedError):
    """The wrapping cannot be opened, or holds what we do not take."""

    code = "archive-refused"
    title = "The archive cannot be opened"


class BombError(ArchiveError):
    """More comes out of the wrapping than we take; noticed while it streams."""

    code = "archive-too-large"
    title = "The archive unpacks to more than is allowed"


class NotStdfError(FileRefusedError):
    """The bytes are no STDF V4, or a form of it that we do not read."""

    code = "not-stdf"
    title = "The file is not STDF"


class BoundError(TooLargeError, FileRefusedError):
    """The file is well-formed but holds more of something than we take."""


class UnmatchedError(SupplychainError):
    """Lot, product, step or wafer cannot be told; a person matches it, or it arrives."""

    code = "unmatched"
    title = "The file cannot be matched"
    status = 422


class WaitingError(SupplychainError):
    """Something this row or file depends on has not come yet; it is tried again by itself."""

    code = "waiting"
    title = "Waiting for what it depends on"
    status = 422


class RepeatedError(SupplychainError):
    """What the row says is so already; it adds nothing."""

    code = "repeated"
    title = "Known already"
    status = 422


class PassedOverError(SupplychainError):
    """Nothing is left to do for this row: a later one overtook it, or a mapping leaves it out."""

    code = "passed-over"
    title = "Passed over"
    status = 422
