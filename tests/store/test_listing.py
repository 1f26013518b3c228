"""Long lists: the numbers of all in order, the columns of a few."""

import sqlalchemy as sa

from insuragent.models import Customer
from insuragent.store import listing
from insuragent.store.listing import Query
from insuragent.store.store import Store
from insuragent.store.work import Actor


def fill(store: Store, actor: Actor) -> list[int]:
    """Thirty customers of three stages, born in different years."""
    with store.begin(actor) as work:
        made = [
            work.add(
                Customer(name=f"客户{n:02d}", name_pinyin=f"ke hu {n:02d}", stage=("lead", "explain", "service")[n % 3])
            )
            for n in range(30)
        ]
    return [customer.number for customer in made]


def numbers(store: Store, actor: Actor, **query: object) -> list[int]:
    """The row numbers that a query lists."""
    with store.read(actor) as work:
        return list(listing.numbers(work.session, Customer, Query(**query)))


def test_newest_first_by_default(store: Store, actor: Actor) -> None:
    """Without a wish, what was made last stands first."""
    made = fill(store, actor)
    assert numbers(store, actor) == made[::-1]


def test_sorted_by_a_field(store: Store, actor: Actor) -> None:
    """Any declared column sorts, both ways."""
    made = fill(store, actor)
    assert numbers(store, actor, order="name_pinyin", descending=False) == made
    assert numbers(store, actor, order="name_pinyin", descending=True) == made[::-1]


def test_filtered_and_asked(store: Store, actor: Actor) -> None:
    """Filters, several values and a question go together."""
    made = fill(store, actor)
    assert numbers(store, actor, where={"stage": "explain"}, descending=False) == made[1::3]
    both = numbers(store, actor, where={"stage": ("explain", "service")}, question="客户0", descending=False)
    assert both == [n for i, n in enumerate(made[:10]) if i % 3]


def test_archived_only_on_wish(store: Store, actor: Actor) -> None:
    """Archived records are listed when asked for."""
    made = fill(store, actor)
    with store.begin(actor) as work:
        customer = work.scalars(sa.select(Customer).limit(1))[0]
        customer.archived_at = work.now
    assert len(numbers(store, actor)) == len(made) - 1
    assert len(numbers(store, actor, archived=True)) == len(made)


def test_a_block_gives_the_columns_asked_for(store: Store, actor: Actor) -> None:
    """By number, with the id first; what is gone meanwhile is absent."""
    made = fill(store, actor)
    with store.read(actor) as work:
        rows = listing.block(work.session, Customer, [made[4], made[2], 999_999], ["name", "stage"])
    assert {number: row[1:] for number, row in rows.items()} == {
        made[2]: ("客户02", "service"),
        made[4]: ("客户04", "explain"),
    }
