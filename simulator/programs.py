"""What the testers run: tests with limits and bins, per step."""

from __future__ import annotations

from dataclasses import dataclass, replace

from simulator.stdf import Limits

NO_LIMITS = Limits(None, None, "")


@dataclass(frozen=True, slots=True)
class Test:
    """One test. kind: P parametric, F functional, M several pins. share: of first fails, relative.

    nominal, spread: of good parts, base units; hard_bin, soft_bin: of parts that fail here.
    """

    __test__ = False

    number: int
    name: str
    kind: str
    share: float
    hard_bin: int
    soft_bin: int
    nominal: float = 0.0
    spread: float = 1.0
    limits: Limits = NO_LIMITS


@dataclass(frozen=True, slots=True)
class Program:
    """A program revision as a tester loads it. touch_seconds: one touch-down of all sites."""

    product: str
    step: str
    code: str
    revision: str
    temperature: str
    site_count: int
    touch_seconds: int
    tests: tuple[Test, ...]

    def revised(self, revision: str) -> Program:
        """The same program under another revision name."""
        return replace(self, revision=revision)

    def hard_bins(self) -> dict[int, str]:
        """Number → name of every failing hard bin."""
        return {test.hard_bin: BIN_NAMES[test.hard_bin] for test in self.tests}

    def soft_bins(self) -> dict[int, str]:
        """Number → name of every failing soft bin."""
        return {test.soft_bin: test.name for test in self.tests}


PASS_BIN = 1
CONTACT, LEAKAGE, LOGIC, MEMORY, LINK, SPEED, ANALOG, POWER = 3, 4, 5, 6, 7, 8, 9, 10
BIN_NAMES = {
    CONTACT: "CONTACT",
    LEAKAGE: "LEAKAGE",
    LOGIC: "LOGIC",
    MEMORY: "MEMORY",
    LINK: "LINK",
    SPEED: "SPEED",
    ANALOG: "ANALOG",
    POWER: "POWER",
}


def _functional(number: int, name: str, share: float, hard_bin: int) -> Test:
    return Test(number, name, "F", share, hard_bin, number // 10)


def _parametric(  # noqa: PLR0913, PLR0917 - a row of the table below
    number: int,
    name: str,
    share: float,
    hard_bin: int,
    good: tuple[float, float],
    limits: Limits,
    kind: str = "P",
) -> Test:
    return Test(number, name, kind, share, hard_bin, number // 10, *good, limits)


def _contact(share: float) -> Test:
    return _parametric(1000, "CONT_VDDQ", share, CONTACT, (-0.55, 0.03), Limits(-0.9, -0.2, "V", 3))


CP1 = Program(
    "TRN3-DIE",
    "CP1",
    "TRN3_CP1",
    "R07",
    "25.0",
    2,
    45,
    (
        _contact(0.10),
        _parametric(1100, "IDDQ_CORE", 0.13, LEAKAGE, (0.62, 0.09), Limits(0.05, 1.2, "A", 3)),
        _parametric(1110, "IDDQ_SRAM", 0.07, LEAKAGE, (0.21, 0.03), Limits(0.02, 0.45, "A", 3)),
        _parametric(1200, "VREF_TRIM", 0.04, ANALOG, (0.75, 0.004), Limits(0.72, 0.78, "V", 3)),
        _parametric(1300, "PLL_LOCK", 0.05, ANALOG, (2.4e9, 1.2e7), Limits(2.3e9, 2.5e9, "Hz", -9)),
        _functional(2000, "SCAN_STUCK_AT", 0.27, LOGIC),
        _functional(2100, "MBIST_SRAM", 0.19, MEMORY),
        _parametric(1500, "RING_OSC", 0.09, SPEED, (3.1e9, 6e7), Limits(2.7e9, None, "Hz", -9)),
        _parametric(
            1600, "HBM_PHY_EYE", 0.06, LINK, (9.2e-11, 5e-12), Limits(6e-11, None, "s", 12)
        ),
    ),
)
CP2 = Program(
    "TRN3-DIE",
    "CP2",
    "TRN3_CP2",
    "R05",
    "95.0",
    2,
    60,
    (
        _contact(0.12),
        _parametric(1150, "IDDQ_HOT", 0.26, LEAKAGE, (1.9, 0.24), Limits(0.1, 3.4, "A", 3)),
        _functional(2050, "SCAN_TRANSITION", 0.30, LOGIC),
        _parametric(1510, "FMAX_HOT", 0.20, SPEED, (2.9e9, 7e7), Limits(2.5e9, None, "Hz", -9)),
        _parametric(1610, "SERDES_EYE", 0.12, LINK, (0.46, 0.03), Limits(0.3, None, "V", 3)),
    ),
)
FT_HOT = Program(
    "TRN3",
    "FT-HOT",
    "TRN3_FTH",
    "R11",
    "105.0",
    4,
    300,
    (
        _contact(0.22),
        _parametric(1020, "VDD_SHORT", 0.05, CONTACT, (84.0, 5.0), Limits(40.0, None, "Ohm")),
        _parametric(1100, "IDDQ_CORE", 0.11, LEAKAGE, (1.35, 0.13), Limits(0.1, 2.3, "A", 3)),
        _parametric(1120, "IDDQ_HBM", 0.06, LEAKAGE, (0.33, 0.04), Limits(0.05, 0.6, "A", 3)),
        _parametric(1300, "PLL_LOCK", 0.04, ANALOG, (2.4e9, 1.2e7), Limits(2.3e9, 2.5e9, "Hz", -9)),
        _parametric(1400, "TEMP_DIODE", 0.03, ANALOG, (104.6, 0.8), Limits(100.0, 109.0, "C")),
        _functional(2050, "SCAN_TRANSITION", 0.14, LOGIC),
        _functional(2100, "MBIST_SRAM", 0.07, MEMORY),
        _parametric(
            2200, "HBM_BANDWIDTH", 0.12, MEMORY, (4.9e12, 4e10), Limits(4.6e12, None, "B/s", -12)
        ),
        _parametric(
            2300, "SERDES_EYE", 0.09, LINK, (0.41, 0.02), Limits(0.3, None, "V", 3), kind="M"
        ),
        _parametric(2400, "FMAX_HOT", 0.05, SPEED, (2.8e9, 6e7), Limits(2.5e9, None, "Hz", -9)),
        _parametric(2500, "POWER_PEAK", 0.02, POWER, (930.0, 18.0), Limits(None, 1040.0, "W")),
    ),
)
FT_COLD = Program(
    "TRN3",
    "FT-COLD",
    "TRN3_FTC",
    "R09",
    "-5.0",
    4,
    240,
    (
        _contact(0.24),
        _parametric(1100, "IDDQ_CORE", 0.10, LEAKAGE, (0.41, 0.05), Limits(0.05, 0.9, "A", 3)),
        _parametric(1300, "PLL_LOCK", 0.12, ANALOG, (2.4e9, 1.2e7), Limits(2.3e9, 2.5e9, "Hz", -9)),
        _functional(2050, "SCAN_TRANSITION", 0.20, LOGIC),
        _parametric(
            2200, "HBM_BANDWIDTH", 0.14, MEMORY, (4.95e12, 4e10), Limits(4.6e12, None, "B/s", -12)
        ),
        _parametric(
            2300, "SERDES_EYE", 0.12, LINK, (0.43, 0.02), Limits(0.3, None, "V", 3), kind="M"
        ),
        _parametric(2410, "VMIN_COLD", 0.08, SPEED, (0.61, 0.012), Limits(None, 0.68, "V", 3)),
    ),
)
SLT = Program(
    "TRN3",
    "SLT",
    "TRN3_SLT",
    "R03",
    "45.0",
    8,
    1500,
    (
        _functional(3000, "BOOT_FIRMWARE", 0.30, LOGIC),
        _parametric(
            3100, "MATMUL_RATE", 0.20, SPEED, (2.52e15, 1.5e13), Limits(2.4e15, None, "FLOP/s", -15)
        ),
        _parametric(
            3200, "HBM_BANDWIDTH", 0.20, MEMORY, (4.9e12, 3e10), Limits(4.6e12, None, "B/s", -12)
        ),
        _functional(3300, "LINK_RING_ERRORS", 0.20, LINK),
        _parametric(3400, "POWER_SUSTAINED", 0.10, POWER, (870.0, 14.0), Limits(None, 1000.0, "W")),
    ),
)
PROGRAMS = (CP1, CP2, FT_HOT, FT_COLD, SLT)
