"""Fields of every record type, in order. Sources: STDF V4, STDF V4-2007.

A field is NAME:TYPE; an array NAME:TYPE*COUNT_FIELD. Types: U I R with bytes; C1, Cn with a length
byte, Sn with two; B1, Bn with a length byte, Dn with two for bits; N1 two to a byte, low first; Vn
the typed values of a GDR. Uf.SIZE_FIELD and Cf.SIZE_FIELD are as wide as that field says.
TYPE?FLAGS.BITS is there only when of these bits and the next higher ones only the lower are set.
"""

from __future__ import annotations

from dataclasses import dataclass

from intake.domain.stdf import words


@dataclass(frozen=True, slots=True)
class Layout:
    """One field. count, width, gate: names of the fields that say how many, how wide, whether."""

    name: str
    form: str
    count: str = ""
    width: str = ""
    gate: str = ""
    gate_bit: int = 0


_PIN = "HEAD_NUM:U1 SITE_NUM:U1"
_BIN = "{0}_NUM:U2 {0}_CNT:U4 {0}_PF:C1 {0}_NAM:Cn"
_SCALES = "OPT_FLAG:B1 RES_SCAL:I1 LLM_SCAL:I1 HLM_SCAL:I1 LO_LIMIT:R4 HI_LIMIT:R4"
_FORMATS = "C_RESFMT:Cn C_LLMFMT:Cn C_HLMFMT:Cn LO_SPEC:R4 HI_SPEC:R4"
_COUNTS = "PART_CNT:U4 RTST_CNT:U4 ABRT_CNT:U4 GOOD_CNT:U4 FUNC_CNT:U4"
_HANDLERS = ("HAND", "CARD", "LOAD", "DIB", "CABL", "CONT", "LASR", "EXTR")
_MIR_TEXTS = (
    "LOT_ID PART_TYP NODE_NAM TSTR_TYP JOB_NAM JOB_REV SBLOT_ID OPER_NAM EXEC_TYP EXEC_VER "
    "TEST_COD TST_TEMP USER_TXT AUX_FILE PKG_TYP FAMLY_ID DATE_COD FACIL_ID FLOOR_ID PROC_ID "
    "OPER_FRQ SPEC_NAM SPEC_VER FLOW_ID SETUP_ID DSGN_REV ENG_ID ROM_COD SERL_NUM SUPR_NAM"
)


def _texts(names: str) -> str:
    return " ".join(f"{name}:Cn" for name in names.split())


def _split(text: str) -> tuple[Layout, ...]:
    fields = []
    for word in text.split():
        name, _, form = word.partition(":")
        form, _, count = form.partition("*")
        form, _, gate = form.partition("?")
        form, _, width = form.partition(".")
        gate, _, bit = gate.partition(".")
        fields.append(Layout(name, form, count, width, gate, int(bit or 0)))
    return tuple(fields)


_SIZED = ("CYC", "PMR", "CHN", "PAT", "BIT", "U1", "U2", "U3", "UTX")
_SIZES = " ".join(f"{name}_SIZE:U1" for name in _SIZED)


def _sized(name: str, count: str, size: str, form: str = "Uf") -> str:
    return f"{count}:U2 {name}:{form}.{size}*{count}"


_FAILS = " ".join([
    _sized("CYC_OFST", "CYC_CNT", "CYC_SIZE"),
    _sized("PMR_INDX", "PMR_CNT", "PMR_SIZE"),
    _sized("CHN_NUM", "CHN_CNT", "CHN_SIZE"),
    "EXP_CNT:U2 EXP_DATA:U1*EXP_CNT CAP_CNT:U2 CAP_DATA:U1*CAP_CNT NEW_CNT:U2 NEW_DATA:U1*NEW_CNT",
    _sized("PAT_NUM", "PAT_CNT", "PAT_SIZE"),
    _sized("BIT_POS", "BPOS_CNT", "BIT_SIZE"),
    _sized("USR1", "USR1_CNT", "U1_SIZE"),
    _sized("USR2", "USR2_CNT", "U2_SIZE"),
    _sized("USR3", "USR3_CNT", "U3_SIZE"),
    _sized("USER_TXT", "TXT_CNT", "UTX_SIZE", "Cf"),
])  # fmt: skip
_NAMES = "TOTM_CNT:U2 LOCM_CNT:U2 PMR_INDX:U2*LOCM_CNT ATPG_NAM:Cn*LOCM_CNT"


_TEXTS = {
    words.FAR: "CPU_TYPE:U1 STDF_VER:U1",
    words.ATR: "MOD_TIM:U4 CMD_LINE:Cn",
    words.VUR: "UPD_NAM:Cn",
    words.MIR: "SETUP_T:U4 START_T:U4 STAT_NUM:U1 MODE_COD:C1 RTST_COD:C1 PROT_COD:C1 BURN_TIM:U2 "
    "CMOD_COD:C1 " + _texts(_MIR_TEXTS),
    words.MRR: "FINISH_T:U4 DISP_COD:C1 USR_DESC:Cn EXC_DESC:Cn",
    words.PCR: f"{_PIN} {_COUNTS}",
    words.HBR: f"{_PIN} {_BIN.format('HBIN')}",
    words.SBR: f"{_PIN} {_BIN.format('SBIN')}",
    words.PMR: f"PMR_INDX:U2 CHAN_TYP:U2 CHAN_NAM:Cn PHY_NAM:Cn LOG_NAM:Cn {_PIN}",
    words.PGR: "GRP_INDX:U2 GRP_NAM:Cn INDX_CNT:U2 PMR_INDX:U2*INDX_CNT",
    words.PLR: "GRP_CNT:U2 GRP_INDX:U2*GRP_CNT GRP_MODE:U2*GRP_CNT GRP_RADX:U1*GRP_CNT "
    "PGM_CHAR:Cn*GRP_CNT RTN_CHAR:Cn*GRP_CNT PGM_CHAL:Cn*GRP_CNT RTN_CHAL:Cn*GRP_CNT",
    words.RDR: "NUM_BINS:U2 RTST_BIN:U2*NUM_BINS",
    words.SDR: "HEAD_NUM:U1 SITE_GRP:U1 SITE_CNT:U1 SITE_NUM:U1*SITE_CNT "
    + _texts(" ".join(f"{name}_TYP {name}_ID" for name in _HANDLERS)),
    words.PSR: "CONT_FLG:B1 PSR_INDX:U2 PSR_NAM:Cn OPT_FLG:B1 TOTP_CNT:U2 LOCP_CNT:U2 "
    "PAT_BGN:U8*LOCP_CNT PAT_END:U8*LOCP_CNT PAT_FILE:Cn*LOCP_CNT PAT_LBL:Cn*LOCP_CNT "
    "FILE_UID:Cn*LOCP_CNT ATPG_DSC:Cn*LOCP_CNT SRC_ID:Cn*LOCP_CNT",
    words.NMR: f"CONT_FLG:B1 NMR_INDX:U2 {_NAMES}",
    words.CNR: "CHN_NUM:U2 BIT_POS:U4 CELL_NAM:Sn",
    words.SSR: "SSR_NAM:Cn CHN_CNT:U2 CHN_LIST:U2*CHN_CNT",
    words.CDR: "CONT_FLG:B1 CDR_INDX:U2 CHN_NAM:Cn CHN_LEN:U4 SIN_PIN:U2 SOUT_PIN:U2 MSTR_CNT:U1 "
    "M_CLKS:U2*MSTR_CNT SLAV_CNT:U1 S_CLKS:U2*SLAV_CNT INV_VAL:U1 LST_CNT:U2 CELL_LST:Sn*LST_CNT",
    words.WIR: "HEAD_NUM:U1 SITE_GRP:U1 START_T:U4 WAFER_ID:Cn",
    words.WRR: f"HEAD_NUM:U1 SITE_GRP:U1 FINISH_T:U4 {_COUNTS} "
    + _texts("WAFER_ID FABWF_ID FRAME_ID MASK_ID USR_DESC EXC_DESC"),
    words.WCR: "WAFR_SIZ:R4 DIE_HT:R4 DIE_WID:R4 WF_UNITS:U1 WF_FLAT:C1 CENTER_X:I2 CENTER_Y:I2 "
    "POS_X:C1 POS_Y:C1",
    words.PIR: _PIN,
    words.PRR: f"{_PIN} PART_FLG:B1 NUM_TEST:U2 HARD_BIN:U2 SOFT_BIN:U2 X_COORD:I2 Y_COORD:I2 "
    "TEST_T:U4 PART_ID:Cn PART_TXT:Cn PART_FIX:Bn",
    words.TSR: f"{_PIN} TEST_TYP:C1 TEST_NUM:U4 EXEC_CNT:U4 FAIL_CNT:U4 ALRM_CNT:U4 TEST_NAM:Cn "
    "SEQ_NAME:Cn TEST_LBL:Cn OPT_FLAG:B1 TEST_TIM:R4 TEST_MIN:R4 TEST_MAX:R4 TST_SUMS:R4 "
    "TST_SQRS:R4",
    words.PTR: f"TEST_NUM:U4 {_PIN} TEST_FLG:B1 PARM_FLG:B1 RESULT:R4 TEST_TXT:Cn ALARM_ID:Cn "
    f"{_SCALES} UNITS:Cn {_FORMATS}",
    words.MPR: f"TEST_NUM:U4 {_PIN} TEST_FLG:B1 PARM_FLG:B1 RTN_ICNT:U2 RSLT_CNT:U2 "
    f"RTN_STAT:N1*RTN_ICNT RTN_RSLT:R4*RSLT_CNT TEST_TXT:Cn ALARM_ID:Cn {_SCALES} START_IN:R4 "
    f"INCR_IN:R4 RTN_INDX:U2*RTN_ICNT UNITS:Cn UNITS_IN:Cn {_FORMATS}",
    words.FTR: f"TEST_NUM:U4 {_PIN} TEST_FLG:B1 OPT_FLAG:B1 CYCL_CNT:U4 REL_VADR:U4 REPT_CNT:U4 "
    "NUM_FAIL:U4 XFAIL_AD:I4 YFAIL_AD:I4 VECT_OFF:I2 RTN_ICNT:U2 PGM_ICNT:U2 "
    "RTN_INDX:U2*RTN_ICNT RTN_STAT:N1*RTN_ICNT PGM_INDX:U2*PGM_ICNT PGM_STAT:N1*PGM_ICNT "
    "FAIL_PIN:Dn VECT_NAM:Cn TIME_SET:Cn OP_CODE:Cn TEST_TXT:Cn ALARM_ID:Cn PROG_TXT:Cn "
    "RSLT_TXT:Cn PATG_NUM:U1 SPIN_MAP:Dn",
    words.STR: f"CONT_FLG:B1 TEST_NUM:U4 {_PIN} PSR_REF:U2 TEST_FLG:B1 LOG_TYP:Cn TEST_TXT:Cn "
    "ALARM_ID:Cn PROG_TXT:Cn RSLT_TXT:Cn Z_VAL:U1 FMU_FLG:B1 MASK_MAP:Dn?FMU_FLG.1 "
    "FAL_MAP:Dn?FMU_FLG.4 CYC_CNT_T:U8 TOTF_CNT:U4 TOTL_CNT:U4 CYC_BASE:U8 BIT_BASE:U4 COND_CNT:U2 "
    f"LIM_CNT:U2 {_SIZES} CAP_BGN:U2 LIM_INDX:U2*LIM_CNT LIM_SPEC:U4*LIM_CNT "
    f"COND_LST:Cn*COND_CNT {_FAILS}",
    words.BPS: "SEQ_NAME:Cn",
    words.EPS: "",
    words.GDR: "FLD_CNT:U2 GEN_DATA:Vn*FLD_CNT",
    words.DTR: "TEXT_DAT:Cn",
}
LAYOUTS = {kind: _split(text) for kind, text in _TEXTS.items()}
"""By kind: the fields of each."""
WITHOUT_INDEX = {words.NMR: _split(f"CONT_FLG:B1 {_NAMES}")}
"""What some writers take the layout for; the record's length tells which it is."""
