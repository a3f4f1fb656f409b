"""The one error tree. A class has a fixed code and HTTP status; its detail says what to do next."""

from __future__ import annotations

from typing import ClassVar


class SupplychainError(Exception):
    """A refusal that a caller can act on. fields: named values behind the detail, JSON-ready."""

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "The request could not be carried out"
    status: ClassVar[int] = 400

    def __init__(self, detail: str, **fields: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = fields


class MalformedError(SupplychainError):
    """Input that cannot be read as what it claims to be."""

    code = "malformed"
    title = "The input is malformed"


class TooLargeError(MalformedError):
    """More of something than we take."""

    code = "over-bound"
    title = "The file is larger than allowed"


class ForbiddenError(SupplychainError):
    """The actor lacks the right."""

    code = "forbidden"
    title = "Your role does not allow this"
    status = 403


class MissingError(SupplychainError):
    """Something named in the request does not exist."""

    code = "missing"
    title = "Not found"
    status = 404


class ConflictError(SupplychainError):
    """What is recorded already stands in the way: a name that is taken, or something later."""

    code = "conflict"
    title = "In conflict with what is recorded"
    status = 409


class ReusedKeyError(ConflictError):
    """An operation key was used before, with other content."""

    title = "Already used with other content"


class BuiltUponError(ConflictError):
    """What happened later builds on what is to be taken back."""

    title = "Something later builds on it"


class StaleError(SupplychainError):
    """The caller looked at an older version than the one that stands."""

    code = "stale"
    title = "Changed since you read it"
    status = 412


class RefusedError(SupplychainError):
    """A rule of the trade forbids the operation in the present state."""

    code = "refused"
    title = "Refused by a rule"
    status = 422
