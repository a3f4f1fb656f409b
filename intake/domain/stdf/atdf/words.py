"""Fields of every ATDF record, in order, and the letters for flags. Source: ATDF specification.

A name is that of the STDF field. One that begins with @ is told by flags of the STDF record.
"""

from __future__ import annotations

MIR_FIELDS = (
    "LOT_ID PART_TYP JOB_NAM NODE_NAM TSTR_TYP SETUP_T START_T OPER_NAM MODE_COD STAT_NUM SBLOT_ID "
    "TEST_COD RTST_COD JOB_REV EXEC_TYP EXEC_VER PROT_COD CMOD_COD BURN_TIM TST_TEMP USER_TXT "
    "AUX_FILE PKG_TYP FAMLY_ID DATE_COD FACIL_ID FLOOR_ID PROC_ID OPER_FRQ SPEC_NAM SPEC_VER "
    "FLOW_ID SETUP_ID DSGN_REV ENG_ID ROM_COD SERL_NUM SUPR_NAM"
)
SDR_FIELDS = (
    "HEAD_NUM SITE_GRP SITE_NUM HAND_TYP HAND_ID CARD_TYP CARD_ID LOAD_TYP LOAD_ID DIB_TYP DIB_ID "
    "CABL_TYP CABL_ID CONT_TYP CONT_ID LASR_TYP LASR_ID EXTR_TYP EXTR_ID"
)
TEST_FORMATS = "C_RESFMT C_LLMFMT C_HLMFMT LO_SPEC HI_SPEC RES_SCAL LLM_SCAL HLM_SCAL"
FTR_FIELDS = (
    "TEST_NUM HEAD_NUM SITE_NUM @VERDICT @ALARMS VECT_NAM TIME_SET CYCL_CNT REL_VADR REPT_CNT "
    "NUM_FAIL XFAIL_AD YFAIL_AD VECT_OFF RTN_INDX RTN_STAT PGM_INDX PGM_STAT FAIL_PIN OP_CODE "
    "TEST_TXT ALARM_ID PROG_TXT RSLT_TXT PATG_NUM SPIN_MAP"
)
_BIN = "HEAD_NUM SITE_NUM {0}_NUM {0}_CNT {0}_PF {0}_NAM"
FIELDS = {
    kind: tuple(names.split())
    for kind, names in {
        "ATR": "MOD_TIM CMD_LINE",
        "MIR": MIR_FIELDS,
        "MRR": "FINISH_T DISP_COD USR_DESC EXC_DESC",
        "PCR": "HEAD_NUM SITE_NUM PART_CNT RTST_CNT ABRT_CNT GOOD_CNT FUNC_CNT",
        "HBR": _BIN.format("HBIN"),
        "SBR": _BIN.format("SBIN"),
        "PMR": "PMR_INDX CHAN_TYP CHAN_NAM PHY_NAM LOG_NAM HEAD_NUM SITE_NUM",
        "PGR": "GRP_INDX GRP_NAM PMR_INDX",
        "PLR": "GRP_INDX GRP_MODE GRP_RADX @PGM @RTN",
        "RDR": "RTST_BIN",
        "SDR": SDR_FIELDS,
        "WIR": "HEAD_NUM START_T SITE_GRP WAFER_ID",
        "WRR": "HEAD_NUM FINISH_T PART_CNT WAFER_ID SITE_GRP RTST_CNT ABRT_CNT GOOD_CNT FUNC_CNT "
        "FABWF_ID FRAME_ID MASK_ID USR_DESC EXC_DESC",
        "WCR": "WF_FLAT POS_X POS_Y WAFR_SIZ DIE_HT DIE_WID WF_UNITS CENTER_X CENTER_Y",
        "PIR": "HEAD_NUM SITE_NUM",
        "PRR": "HEAD_NUM SITE_NUM PART_ID NUM_TEST @VERDICT HARD_BIN SOFT_BIN X_COORD Y_COORD "
        "@RETEST @ABORT TEST_T PART_TXT PART_FIX",
        "TSR": "HEAD_NUM SITE_NUM TEST_NUM TEST_NAM TEST_TYP EXEC_CNT FAIL_CNT ALRM_CNT SEQ_NAME "
        "TEST_LBL TEST_TIM TEST_MIN TEST_MAX TST_SUMS TST_SQRS",
        "PTR": "TEST_NUM HEAD_NUM SITE_NUM RESULT @VERDICT @ALARMS TEST_TXT ALARM_ID @COMPARE "
        f"UNITS LO_LIMIT HI_LIMIT {TEST_FORMATS}",
        "MPR": "TEST_NUM HEAD_NUM SITE_NUM RTN_STAT RTN_RSLT @VERDICT @ALARMS TEST_TXT ALARM_ID "
        f"@COMPARE UNITS LO_LIMIT HI_LIMIT START_IN INCR_IN UNITS_IN RTN_INDX {TEST_FORMATS}",
        "FTR": FTR_FIELDS,
        "BPS": "SEQ_NAME",
        "EPS": "",
        "DTR": "TEXT_DAT",
    }.items()
}
GENERIC_LETTERS = {
    "U1": "U", "U2": "M", "U4": "B", "I1": "I", "I2": "S", "I4": "L", "R4": "F", "R8": "D",
    "Cn": "T", "Bn": "X", "Dn": "Y", "N1": "N",
}  # fmt: skip
"""Type of a value in a GDR, and the letter before it."""
GENERIC_FORMS = {letter: form for form, letter in GENERIC_LETTERS.items()}
TIMES = {"MOD_TIM", "SETUP_T", "START_T", "FINISH_T"}
HEXADECIMAL = {"CHAN_TYP", "GRP_MODE", "REL_VADR", "RTN_STAT", "PGM_STAT"}
RADIXES = {"B": 2, "O": 8, "D": 10, "H": 16, "S": 20}
RADIX_LETTERS = {number: letter for letter, number in RADIXES.items()}
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
ALARMS = {"A": 0x01, "U": 0x04, "T": 0x08, "N": 0x10, "X": 0x20}
"""Letters for TEST_FLG."""
PARAMETRIC_ALARMS = {"S": 0x01, "D": 0x02, "O": 0x04, "H": 0x08, "L": 0x10}
"""Letters for PARM_FLG."""
COMPARISONS = {"L": 0x40, "H": 0x80}
RESULT_INVALID, NO_VERDICT, FAILED = 0x02, 0x40, 0x80
ALTERNATE = 0x20
RETESTS = {"I": 0x01, "C": 0x02}
PART_ABORTED, PART_FAILED, PART_NO_VERDICT = 0x04, 0x08, 0x10
ALL_SITES = {"PCR", "HBR", "SBR", "TSR"}
"""Records of which an empty head says all."""
OPTIONAL_SCALES = {"RES_SCAL": 0x01, "LO_SPEC": 0x04, "HI_SPEC": 0x08}
"""Fields of PTR and MPR, and what OPT_FLAG says when they are missing."""
OPTIONAL_LIMITS = {"LO_LIMIT": (0x40, 0x10), "HI_LIMIT": (0x80, 0x20)}
"""The same, of the first record of a test and of those that rely on it."""
OPTIONAL_VECTORS = {
    "CYCL_CNT": 0x01, "REL_VADR": 0x02, "REPT_CNT": 0x04, "NUM_FAIL": 0x08, "XFAIL_AD": 0x10,
    "YFAIL_AD": 0x10, "VECT_OFF": 0x20,
}  # fmt: skip
"""Fields of an FTR, and what OPT_FLAG says when they are missing."""
OPTIONAL_SUMMARIES = {
    "TEST_MIN": 0x01, "TEST_MAX": 0x02, "TEST_TIM": 0x04, "TST_SUMS": 0x10, "TST_SQRS": 0x20,
}  # fmt: skip
"""Fields of a TSR, and what OPT_FLAG says when they are missing."""
RESERVED_SCALES, RESERVED_VECTORS, RESERVED_SUMMARIES = 0x02, 0xC0, 0xC8
"""Bits of OPT_FLAG that are always set."""
PREFIXES = {
    15: "f", 12: "p", 9: "n", 6: "u", 3: "m", 2: "%", -3: "K", -6: "M", -9: "G", -12: "T",
}  # fmt: skip
"""What scaled units begin with, by the exponent that scales."""
