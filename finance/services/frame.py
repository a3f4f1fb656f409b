"""Names of the rows that posting locks: the follower first, the head last."""

from __future__ import annotations

FOLLOWER = "finance"
HEAD = "finance"
