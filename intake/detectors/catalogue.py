"""The detectors of this room, registered with quality's frame."""

from __future__ import annotations

from intake.detectors.expected import FileMissing
from intake.detectors.files import FileUnmatched
from intake.detectors.maps import MapDiffers
from intake.detectors.rows import RowsQuarantined
from intake.detectors.silence import FeedSilent
from quality.detectors.frame import register_detector


def register() -> None:
    for detector in (
        RowsQuarantined(),
        FileUnmatched(),
        FileMissing(),
        FeedSilent(),
        MapDiffers(),
    ):
        register_detector(detector)
