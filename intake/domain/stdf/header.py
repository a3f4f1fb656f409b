"""MIR, SDR and MRR: whose session it was, on what, and when it ended."""

from __future__ import annotations

import re

from intake.domain.stdf.fields import Fields, instant
from intake.domain.stdf.run import Header, Site

TEMPERATURE = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*(?:°|deg)?\s*C?\s*", re.IGNORECASE)


def read_header(fields: Fields) -> Header:
    """A MIR; a damaged text ends it early, and what came before is kept."""
    setup_at, start_at = instant(fields.u4()), instant(fields.u4())
    fields.skip(1)  # STAT_NUM
    mode_code, retest_code = fields.c1(), fields.c1()
    fields.skip(4)  # PROT_COD, BURN_TIM, CMOD_COD
    lot, part_type, node, tester, job, revision, sublot, operator = (fields.cn() for _ in range(8))
    fields.cn(), fields.cn()  # EXEC_TYP, EXEC_VER
    test_code, temperature = fields.cn(), fields.cn()
    for _ in range(5):  # USER_TXT, AUX_FILE, PKG_TYP, FAMLY_ID, DATE_COD
        fields.cn()
    facility = fields.cn()
    for _ in range(5):  # FLOOR_ID, PROC_ID, OPER_FRQ, SPEC_NAM, SPEC_VER
        fields.cn()
    return Header(
        lot_id=lot,
        sublot_id=sublot,
        part_type=part_type,
        node_name=node,
        tester_type=tester,
        job_name=job,
        job_revision=revision,
        test_code=test_code,
        flow_id=fields.cn(),
        mode_code=mode_code,
        retest_code=retest_code,
        temperature_text=temperature,
        temperature_celsius=temperature_of(temperature),
        started_at=start_at or setup_at,
        operator=operator,
        facility_id=facility,
    )


def temperature_of(text: str) -> float | None:
    """TST_TEMP as a number where it is one: "25", "85C", "-40.0 deg C"."""
    match = TEMPERATURE.fullmatch(text)
    return float(match[1]) if match else None


def read_site(fields: Fields) -> Site:
    """An SDR. probe_card and load_board: the ids, else the types; a DIB counts as a load board."""
    head, group, count = fields.u1() or 0, fields.u1() or 0, fields.u1() or 0
    sites = tuple(fields.u1() or 0 for _ in range(count))
    _, handler = fields.cn(), fields.cn()
    card_type, card = fields.cn(), fields.cn()
    load_type, load = fields.cn(), fields.cn()
    dib_type, dib = fields.cn(), fields.cn()
    return Site(
        head=head,
        group=group,
        sites=sites,
        handler_id=handler,
        probe_card=card or card_type,
        load_board=load or dib or load_type or dib_type,
    )
