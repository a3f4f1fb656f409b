"""Judging the detectors on simulated lots whose troubles are known."""
