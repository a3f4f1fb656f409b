"""The lists and forms of finance: the books with their documents, and the rules of posting."""

from finance.admin import books, rules

__all__ = ["books", "rules"]
