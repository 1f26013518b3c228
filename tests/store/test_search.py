"""Every kind of question finds what a look at each record would find, and nothing else."""

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insuragent.models import Complaint, Customer
from insuragent.store import pinyin, search
from insuragent.store.store import Store
from insuragent.store.work import Actor

PEOPLE = {
    "王𬭎": ("13800138000", "11010119900307002X", "上海市浦东新区锦绣路1888弄"),
    "单雄信": ("13911112222", "310115200402290282", "北京市朝阳区建国路"),
    "曾国藩": ("18922223333", "440305201905201159", "长沙市岳麓区"),
    "吕布": ("17044445555", None, "包头市昆都仑区钢铁大街A座"),
    "欧阳娜娜": ("13866667777", None, None),
    "张伟": (None, None, "上海市徐汇区漕溪北路"),
}


@pytest.fixture
def filled(store: Store, actor: Actor) -> Store:
    """A store with the people above."""
    with store.begin(actor) as work:
        for number, (name, (mobile, doc_no, address)) in enumerate(PEOPLE.items()):
            policy = f"P2026-00{number}17"
            work.add(Customer(name=name, mobile=mobile, doc_no=doc_no, home_address=address, policy_no=policy))
    return store


def names(store: Store, actor: Actor, question: str) -> set[str]:
    """The names that a question finds."""
    with store.read(actor) as work:
        return {customer.name for customer in search.find(work.session, Customer, question)}


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("王", {"王𬭎"}),
        ("wang", {"王𬭎"}),
        ("002x", {"王𬭎"}),
        ("𬭎", {"王𬭎"}),
        ("shan", {"单雄信"}),
        ("sxx", {"单雄信"}),
        ("zeng", {"曾国藩"}),
        ("ZGF", {"曾国藩"}),
        ("lv", {"吕布"}),
        ("lubu", {"吕布"}),
        ("nana", {"欧阳娜娜"}),
        ("欧阳娜", {"欧阳娜娜"}),
        ("上海", {"王𬭎", "张伟"}),
        ("上海市徐汇", {"张伟"}),
        ("海市", {"王𬭎", "张伟"}),
        ("市上", set()),
        ("钢铁大街a座", {"吕布"}),
        ("8000", {"王𬭎"}),
        ("1392", set()),
        ("139", {"单雄信"}),
        ("13911112222", {"单雄信"}),
        ("1391111222", {"单雄信"}),
        ("１３９１１１１２２２２", {"单雄信"}),
        ("0282", {"单雄信"}),
        ("P2026", set(PEOPLE)),
        ("p2026-00317", {"吕布"}),
        ("00317", {"吕布"}),
        ("王 8000", {"王𬭎"}),
        ("上海 zhang", {"张伟"}),
        ("王 zhang", set()),
        ("%", set()),
        ('"', set()),
        ("' OR 1=1 --", set()),
        ("name : *", set()),
        ("", set()),
        ("   ", set()),
        ("\ud800", set()),
        ("王\ud800", {"王𬭎"}),
        ("\0", set()),
        ("王\0", {"王𬭎"}),
        ("1391\0", {"单雄信"}),
    ],
)
def test_questions(filled: Store, actor: Actor, question: str, found: set[str]) -> None:
    """Chinese, pinyin with the surname's own reading, initials, number parts, ID tail, several words, markup."""
    assert names(filled, actor, question) == found


def test_a_change_moves_the_index(filled: Store, actor: Actor) -> None:
    """The old value is found no more, the new one at once."""
    with filled.begin(actor) as work:
        search.find(work.session, Customer, "吕布")[0].name = "貂蝉"
    assert (names(filled, actor, "吕布"), names(filled, actor, "diaochan")) == (set(), {"貂蝉"})


def test_a_corrected_spelling_is_found(filled: Store, actor: Actor) -> None:
    """An agent who corrects a polyphone finds the customer by his own spelling too."""
    with filled.begin(actor) as work:
        search.find(work.session, Customer, "吕布")[0].name_pinyin = "lyu bu"
    assert names(filled, actor, "lyubu") == {"吕布"}


def test_archived_records_are_not_found(filled: Store, actor: Actor) -> None:
    """Archived means out of sight, not gone."""
    with filled.begin(actor) as work:
        found = search.find(work.session, Customer, "张伟")[0]
        found.archived_at = work.now
    assert names(filled, actor, "张伟") == set()


def test_a_longer_word_is_asked_by_its_rarest_pairs(filled: Store, actor: Actor) -> None:
    """Two of its digits, or as few as cover it; what lies between them is confirmed on the record."""
    assert search._rarest_pairs("人民路东") == ["人民", "路东"]
    assert search._rarest_pairs("路123号1") == ["12", "23"]
    assert search._rarest_pairs("长江路12号") == ["12", "路1", "2号"]
    with filled.read(actor) as work:
        columns = (Customer.name, Customer.mobile)
        assert search.rows(work.session, Customer, columns, "上海市徐汇") == [("张伟", None)]
        assert [row.name for row in search.rows(work.session, Customer, columns, "上海", limit=1)] == ["张伟"]
        assert search.rows(work.session, Customer, columns, " ") == []


def test_complaints_are_found_by_their_number(store: Store, actor: Actor) -> None:
    """Any record type with a searchable field has an index, without a line of its own."""
    with store.begin(actor) as work:
        work.add(
            Complaint(
                complaint_no="TS-20261123-AB12-001", complainant_name="赵丽", contact="13800000001",
                category="sale_mislead", facts="把现金价值说成存款", received_at=work.now,
                first_response_due=work.now, due15=work.now.date(), due30=work.now.date(), due60=work.now.date(),
            )
        )  # fmt: skip
    with store.read(actor) as work:
        for question in ("20261123", "ab12", "zhaoli", "说成存款", "0001"):
            assert len(search.find(work.session, Complaint, question)) == 1, question


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_equal_to_looking_at_each_record(filled: Store, actor: Actor, data: st.DataObject) -> None:
    """Any piece of any text or number finds exactly the records that contain it."""
    sources = [value for row in PEOPLE.values() for value in (row[0], row[2]) if value] + list(PEOPLE)
    source = data.draw(st.sampled_from(sources))
    start = data.draw(st.integers(0, len(source) - 1))
    piece = source[start : start + data.draw(st.integers(1, 8))]
    if piece.isascii() and piece.isalpha():
        return  # Latin words are found from their start only, and as pinyin: by example above
    expected = {
        name
        for name, (mobile, doc_no, address) in PEOPLE.items()
        if piece.lower() in name or piece.lower() in (address or "").lower()
        or (piece.isdigit() and piece in (mobile or ""))
        or (piece.isdigit() and len(piece) == 4 and (doc_no or "").endswith(piece))
        or (piece.isdigit() and piece in f"P2026-00{list(PEOPLE).index(name)}17".replace("-", ""))
    }  # fmt: skip
    if piece.isascii():
        expected = {n for n in expected if not (piece in (PEOPLE[n][2] or "") and piece not in (PEOPLE[n][0] or ""))}
        assert expected <= names(filled, actor, piece)
    else:
        assert names(filled, actor, piece) == expected


def test_a_name_has_few_readings() -> None:
    """However many polyphones a name has, the index stays small: every name of four that these ten make."""
    for name in map("".join, product("单曾乐查朴翟任行重长", repeat=4)):
        assert 1 <= len(pinyin.readings(name)) <= 6, name
