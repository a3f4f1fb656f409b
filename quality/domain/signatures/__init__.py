"""Which pattern the bad dies of a wafer make: a scan over the shapes that processes leave."""

from quality.domain.signatures.scanning import DieMap, Signature, signature
from quality.domain.signatures.shapes import Frame, Pattern

__all__ = ["DieMap", "Frame", "Pattern", "Signature", "signature"]
