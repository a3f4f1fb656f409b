from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.ship_notices import Notice, notice_of
from intake.domain.x12 import Segment, X12Error, looks_like_x12, transactions
from intake.tests.x12_writer import COUNTED, SERIALS, body, interchange, notice, transaction


def notices(content: bytes) -> list[Notice]:
    return [notice_of(one) for one in transactions(content)]


def test_a_notice_names_shipment_lot_product_and_serials() -> None:
    (one,) = notices(notice(SERIALS))
    (line,) = one.lines
    assert (one.shipment, one.supplier, one.date, one.time) == (
        "SHP1",
        "MRVL",
        "20260301",
        "083000",
    )
    assert (line.lot, line.product, line.quantity) == ("M1", "TRN2", 2)
    assert (line.serials, line.pack) == (("M1-A", "M1-B"), "00123")


def test_a_count_without_serials_is_enough() -> None:
    (line,) = notices(notice(COUNTED))[0].lines
    assert (line.quantity, line.serials) == (20, ())


def test_serials_may_stand_in_marks_and_in_lin() -> None:
    (line,) = notices(notice("LIN**VP*TRN2*SN*A|SN1**3*EA|MAN*L*B*C|MAN*CP*BOX"))[0].lines
    assert line.serials == ("A", "B", "C")


def test_serials_alone_say_how_many() -> None:
    segments = body("LIN**VP*TRN2|REF*SE*A", counted=False)
    assert notices(interchange(transaction(segments)))[0].lines[0].quantity == 1


def test_a_lot_may_stand_in_lin_or_above_the_item() -> None:
    segments = body("LIN**VP*TRN2*LT*M9|SN1**1*EA")
    assert notices(interchange(transaction(segments)))[0].lines[0].lot == "M9"
    moved = [one for one in body(COUNTED) if not one.startswith("REF*LT")]
    moved.insert(moved.index("PRF*PO1"), "REF*BT*M8")
    assert notices(interchange(transaction(moved)))[0].lines[0].lot == "M8"


def test_an_origin_may_be_declared() -> None:
    (line,) = notices(notice(f"{SERIALS}|REF*WL*FAB7|REF*WF*FAB7-03"))[0].lines
    assert (line.declared_lot, line.declared_wafer) == ("FAB7", "FAB7-03")


def test_delimiters_are_those_of_the_isa() -> None:
    content = interchange(transaction(body(SERIALS)), between="|", end="\x85\r\n"[0])
    assert notices(content)[0].shipment == "SHP1"


def test_a_file_may_hold_several_transactions_and_interchanges() -> None:
    two = interchange(
        transaction(body(SERIALS)), transaction(body(COUNTED, shipment="SHP2", lot="M2"), "0002")
    )
    assert [one.shipment for one in notices(two + two)] == ["SHP1", "SHP2"] * 2


def test_without_a_ship_from_the_sender_counts_and_without_dtm_the_bsn() -> None:
    segments = [one for one in body(SERIALS) if not one.startswith(("N1", "DTM"))]
    (one,) = notices(interchange(transaction(segments)))
    assert (one.supplier, one.date, one.time) == ("MRVL", "20260301", "0800")


def replaced(old: str, new: str) -> bytes:
    content = notice(SERIALS).decode()
    assert old in content
    return content.replace(old, new).encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "whole ISA"),
        (b"ISA*00", "whole ISA"),
        (b"\xff\xfe", "no text"),
        (b"ISA*" + b"x" * 200, "delimiters"),
        (b"ISA*" + b"x" * 101 + b"~" + b"GS~", "16 elements"),
        (replaced("CTT*4*2", "CTT*5*2"), "CTT at segment 18 counts 5 HL levels, 4 are there"),
        (replaced("CTT*4*2", "CTT*4*9"), "sums 9 units, the items announce 2"),
        (replaced("CTT*4*2", "CTT*x"), "element 1 is 'x'"),
        (replaced("SE*17", "SE*16"), "SE at segment 19 counts 16 segments, 17 are there"),
        (replaced("SE*17*0001", "SE*17*0002"), "control number '0002'"),
        (replaced("GE*1", "GE*2"), "GE at segment 20 counts 2 transactions, 1 are there"),
        (replaced("IEA*1", "IEA*3"), "counts 3 groups"),
        (notice(SERIALS).replace(b"000000001*0", b"000000009*0"), "begin has '000000009'"),
        (replaced("HL*1**S", "HL*1**S~\nGS*X").replace(b"GS*SH", b"GX*SH"), "IEA was expected"),
        (replaced("SN1**2", "SN1**3"), "SN1 says 3, 2 serials are named"),
        (replaced("SN1**2", "SN1**2.5"), "element 2 is '2.5'"),
        (replaced("LIN**VP*TRN2", "LIN**ZZ*TRN2"), "no LIN with a product"),
        (replaced("REF*LT*M1", "REF*ZZ*M1"), "no lot is named"),
        (replaced("REF*SE*M1-B", "REF*SE*M1-A"), "'M1-A' is named twice"),
        (replaced("HL*3*2*P", "HL*3*2*X"), "level 'X' is not known"),
        (replaced("HL*3*2*P", "HL*2*2*P"), "missing or repeated"),
        (replaced("HL*3*2*P", "HL*3*9*P"), "parent level 9 did not come"),
        (replaced("HL*3*2*P", "HL*3**P"), "pack stands below nothing"),
        (replaced("HL*4*3*I", "HL*4*3*O"), "order stands below pack"),
        (replaced("BSN*00*SHP1", "BSN*00*"), "shipment's number, is empty"),
        (replaced("BSN*00", "BSX*00"), "BSN was expected"),
        (replaced("ST*856", "ST*810"), "is a 810 transaction"),
        (interchange(["ST*856*1", "SE*2*1"]), "BSN was expected behind ST"),
        (interchange(transaction(body(counted=False))), "names no item"),
        (notice("LIN**VP*TRN2"), "neither SN1 nor serials"),
        (replaced("SE*17*0001~\n", ""), "SE was expected"),
        (notice(SERIALS)[:300], "has no end mark"),
        (notice(SERIALS).split(b"SE*17")[0], "The file ends behind CTT"),
        (notice(SERIALS)[106:], "whole ISA"),
    ],
)
def test_what_breaks_a_notice_is_named(content: bytes, reason: str) -> None:
    with pytest.raises(X12Error) as caught:
        notices(content)
    assert reason in caught.value.detail


def test_x12_is_known_by_its_first_letters() -> None:
    assert looks_like_x12(b"\n" + notice(SERIALS))
    assert not looks_like_x12(b"ISA, the lot")
    assert not looks_like_x12(b"")
    assert Segment(1, "SN1", ("", "20.0")).whole(2) == 20


@given(st.integers(0, 900), st.integers(0, 255))
def test_a_flipped_byte_is_read_or_refused(position: int, byte: int) -> None:
    content = bytearray(notice(SERIALS))
    content[position % len(content)] = byte
    try:
        notices(bytes(content))
    except X12Error as error:
        assert error.detail


def test_a_file_of_too_many_segments_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.domain.x12.SEGMENTS_MAX", 5)
    with pytest.raises(X12Error, match="more than 5 segments"):
        notices(notice(SERIALS))
