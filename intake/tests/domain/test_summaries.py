from __future__ import annotations

import pytest

from intake.domain.errors import BoundError
from intake.domain.stdf.decoder import decode
from intake.domain.stdf.run import StatedCounts, StdfLimits
from intake.tests.decoding import run_of
from intake.tests.stdf_builder import Writer, cn, sort_file
from lots.domain.words import BinKind

W = Writer()


def test_bins_have_names_and_verdicts() -> None:
    run = run_of(
        W.hbr(1, 1, "P"), W.hbr(1, 1, " ", "good", head=1), W.sbr(7, 0, "F", "leak"),
        W.hbr(0xFFFF, 0),
    )  # fmt: skip
    assert [(one.kind, one.number, one.name, one.passes) for one in run.bins] == [
        (BinKind.HARD, 1, "good", True),
        (BinKind.SOFT, 7, "leak", False),
    ]


def test_summaries_that_agree_leave_no_note() -> None:
    part = [W.pir(), W.ptr(7), W.prr()]
    assert run_of(*part, *part, W.hbr(1, 2), W.pcr(2), W.tsr(7, 2)).notes == ()


def test_summaries_that_disagree_are_noted_not_believed() -> None:
    summaries = [W.hbr(1, 5), W.hbr(9, 1), W.pcr(6), W.pcr(3, head=1), W.tsr(7, 9), W.tsr(7, 1, 1)]
    run = run_of(W.pir(), W.ptr(7), W.prr(), *summaries)
    assert run.disagreements == run.notes
    assert run.notes == (
        "The part count record says 6; 1 results came.",
        "Hard bin records disagree with the results for bins 1, 9.",
        "Part count records disagree with the results of head 1 site 1.",
        "Test summaries disagree with the results for tests 7.",
    )


def test_summaries_over_all_sites_are_not_those_of_one() -> None:
    part = [W.pir(), W.ptr(7), W.prr(), W.pir(2), W.ptr(7, site=2), W.prr(2)]
    of_sites = [W.hbr(1, 1, head=1), W.pcr(1, head=1), W.tsr(7, 1, 1)]
    over_all = [W.hbr(1, 2, head=255), W.pcr(2, head=255), W.tsr(7, 2, 255)]
    run = run_of(*part, *of_sites, *over_all, *of_sites)
    assert run.notes == ()
    assert (run.stated.parts, run.stated.hard_bins) == (2, {1: 2})


def test_a_site_number_beside_head_255_says_nothing() -> None:
    content = W.file(W.pir(), W.prr(), W.hbr(1, 1), W.pcr(1))
    strange = bytearray(content)
    for kind in (b"\x01\x28", b"\x01\x1e"):
        strange[content.index(kind + b"\xff\x00") + 3] = 77
    run = decode([bytes(strange)])
    assert (run.stated.parts, run.stated.hard_bins, run.notes) == (1, {1: 1}, ())


def test_head_255_in_part_records_is_a_head_like_any() -> None:
    run = run_of(W.pir(1, 255), W.ptr(7, 1.5, head=255), W.prr(1, 255, part="A"))
    assert (run.parts.head.tolist(), run.readings.value.tolist()) == ([255], [1.5])
    assert run.rejected_count == 0


def test_each_count_is_compared_with_its_own_head_and_site() -> None:
    part = [W.pir(), W.prr(flag=8), W.pir(2), W.prr(2)]
    right = [W.pcr(1, head=1, good=0), W.hbr(1, 1, head=1)]
    assert run_of(*part, *right).notes == ()
    wrong = [W.pcr(2, head=1, good=1), W.hbr(1, 2, head=1), W.pcr(2, good=2), W.sbr(4, 1)]
    assert run_of(*part, *wrong).disagreements == (
        "The part count record says 2 good; 1 results passed.",
        "Soft bin records disagree with the results for bins 1, 4.",
        "Part count records disagree with the results of head 1 site 1.",
        "Good count records disagree with the results of head 1 site 1.",
        "Hard bin records disagree with the results of head 1 site 1.",
    )


def test_counts_of_a_site_without_results_disagree() -> None:
    run = run_of(W.pir(), W.prr(), W.record(1, 40, W.pack("BBHI", 1, 7, 3, 2) + b"F" + cn("leak")))
    assert run.notes == ("Hard bin records disagree with the results of head 1 site 7.",)


def test_counts_of_sites_are_summed_where_none_is_over_all() -> None:
    part = [W.pir(), W.ptr(7), W.prr(), W.pir(2), W.ptr(7, site=2), W.prr(2)]
    of_second = [
        W.record(1, 30, W.pack("BBIIII", 1, 2, 1, 0, 0, 1)),
        W.record(1, 40, W.pack("BBHI", 1, 2, 1, 1) + b"P" + cn("")),
        W.record(10, 30, W.pack("BBBIIII", 1, 2, 80, 7, 1, 0, 0)),
    ]
    of_first = [W.pcr(1, head=1, good=1), W.hbr(1, 1, head=1), W.tsr(7, 1, 1)]
    run = run_of(*part, *of_first, *of_second)
    assert run.notes == ()
    assert run.stated == StatedCounts(parts=2, good=2, hard_bins={1: 2}, soft_bins={})
    missing = run_of(*part, *of_first, W.tsr(7, 5, 1))
    assert missing.notes == ("Test summaries disagree with the results for tests 7.",)


def test_a_summary_of_a_test_that_never_ran_disagrees() -> None:
    run = run_of(W.pir(), W.prr(), W.tsr(7, 3), W.tsr(8, 0))
    assert run.notes == ("Test summaries disagree with the results for tests 7.",)


def test_a_wafers_own_counts_are_compared_pass_by_pass() -> None:
    first = [W.wir("W1"), W.pir(), W.prr(), W.wrr("W1", parts=1, good=1)]
    again = [W.wir("W1"), W.pir(), W.prr(flag=8), W.wrr("W1", parts=1, good=0)]
    assert run_of(*first, *again).notes == ()
    for parts, good in ((2, 1), (1, 0)):
        run = run_of(*again, W.wir("W2"), W.pir(), W.prr(), W.wrr("W2", parts=parts, good=good))
        assert run.notes == ("Wafer records disagree with the results for wafers W2.",)


def test_missing_counts_are_not_compared() -> None:
    missing = 0xFFFFFFFF
    run = run_of(W.pir(), W.ptr(7), W.prr(), W.hbr(1, missing), W.pcr(missing), W.tsr(7, missing))
    assert run.notes == ()


def test_tests_with_several_results_are_not_compared() -> None:
    assert run_of(W.pir(), W.mpr(5, [1.0, 2.0]), W.prr(), W.tsr(5, 1)).notes == ()


def test_long_lists_in_notes_are_cut() -> None:
    run = run_of(*[W.hbr(number, 1) for number in range(1, 13)])
    assert run.notes == (
        "Hard bin records disagree with the results for bins 1, 2, 3, 4, 5, 6, 7, 8 and 4 more.",
    )


def test_dirt_between_records_is_noted_and_counted() -> None:
    run = run_of(W.record(180, 3), W.pir(), bytes(64), W.prr())
    assert run.rejected_counts == {"corrupt": 1}
    assert "1 records of the unknown type 180/3 were passed over." in run.notes
    assert any("64 bytes hold no records" in note for note in run.notes)


def test_padding_is_noted_but_no_record_lost() -> None:
    run = decode([W.file() + bytes(100)])
    assert run.notes == ("The file ends with 100 zero bytes of padding.",)
    assert run.rejected_count == 0


def test_an_incomplete_end_is_noted() -> None:
    run = decode([W.file() + b"\x09\x00"])
    assert run.is_partial
    assert "is incomplete" in run.notes[0]


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (StdfLimits(records_max=3), "records"),
        (StdfLimits(parts_max=1), "parts"),
        (StdfLimits(readings_max=1), "readings"),
        (StdfLimits(parameters_max=0), "tests"),
        (StdfLimits(wafers_max=0), "wafers"),
    ],
)
def test_more_than_the_bounds_is_refused(limits: StdfLimits, what: str) -> None:
    with pytest.raises(BoundError, match=what):
        decode([sort_file()], limits)


@pytest.mark.parametrize("mark", ["<", ">"])
def test_both_byte_orders_give_the_same_columns(mark: str) -> None:
    run = decode([sort_file(mark, dies=3, fails=1)])
    assert run.byte_order == ("little" if mark == "<" else "big")
    assert run.parts.x.tolist() == [0, 1, 2]
    assert run.parts.hard_bin.tolist() == [2, 1, 1]
    assert run.readings.value.tolist() == [0.0, 1.0, 2.0]


def test_the_files_own_counts_are_kept_to_be_shown_beside_ours() -> None:
    run = run_of(W.pir(), W.prr(), W.hbr(1, 5), W.hbr(2, 9, head=1), W.sbr(7, 3), W.pcr(6))
    assert run.stated == StatedCounts(parts=6, good=None, hard_bins={1: 5}, soft_bins={7: 3})
    assert run_of(W.pir(), W.prr()).stated == StatedCounts()
