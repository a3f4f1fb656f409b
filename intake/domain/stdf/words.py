"""Record types of STDF V4 and V4-2007, by REC_TYP * 256 + REC_SUB. Source: the specification."""

from __future__ import annotations

FAR, ATR, VUR = 0x000A, 0x0014, 0x001E
MIR, MRR, PCR, HBR, SBR = 0x010A, 0x0114, 0x011E, 0x0128, 0x0132
PMR, PGR, PLR, RDR, SDR = 0x013C, 0x013E, 0x013F, 0x0146, 0x0150
PSR, NMR, CNR, SSR, CDR = 0x015A, 0x015B, 0x015C, 0x015D, 0x015E
WIR, WRR, WCR = 0x020A, 0x0214, 0x021E
PIR, PRR = 0x050A, 0x0514
TSR = 0x0A1E
PTR, MPR, FTR, STR = 0x0F0A, 0x0F0F, 0x0F14, 0x0F1E
BPS, EPS = 0x140A, 0x1414
GDR, DTR = 0x320A, 0x321E
CORRUPT = 0x0000

RECORD_NAMES = {
    FAR: "FAR",
    ATR: "ATR",
    VUR: "VUR",
    MIR: "MIR",
    MRR: "MRR",
    PCR: "PCR",
    HBR: "HBR",
    SBR: "SBR",
    PMR: "PMR",
    PGR: "PGR",
    PLR: "PLR",
    RDR: "RDR",
    SDR: "SDR",
    PSR: "PSR",
    NMR: "NMR",
    CNR: "CNR",
    SSR: "SSR",
    CDR: "CDR",
    WIR: "WIR",
    WRR: "WRR",
    WCR: "WCR",
    PIR: "PIR",
    PRR: "PRR",
    TSR: "TSR",
    PTR: "PTR",
    MPR: "MPR",
    FTR: "FTR",
    STR: "STR",
    BPS: "BPS",
    EPS: "EPS",
    GDR: "GDR",
    DTR: "DTR",
}

RECORD_KINDS = {name: kind for kind, name in RECORD_NAMES.items()}

ALL_HEADS = 255
MISSING_U2 = 0xFFFF
MISSING_U4 = 0xFFFFFFFF


def record_name(kind: int) -> str:
    """The specification's name, or `type/subtype` for a record it does not know."""
    return RECORD_NAMES.get(kind) or f"{kind >> 8}/{kind & 0xFF}"
