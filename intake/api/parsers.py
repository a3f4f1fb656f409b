from __future__ import annotations

from typing import Any

from rest_framework.parsers import BaseParser


class RawBodyParser(BaseParser):
    """Whatever the media type says, the body is the file; it is read as a stream."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return stream
