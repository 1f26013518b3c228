"""Invented customers in any number, the same ones every time, and a store filled with them."""

import datetime as dt
import hashlib
import random
from collections.abc import Iterator
from typing import Any

from insuragent.models import Customer
from insuragent.rules.identity import check_digit
from insuragent.store.store import Store
from insuragent.store.work import Actor

#: Roughly by how many people bear them, so that common names are as common as they are.
SURNAMES = "王王王李李李张张刘刘陈陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余单仇解"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英华慧建国文玉兰平刚桂志红小春海燕鑫宇浩欣怡梓涵子轩雨泽思远佳宁"
STREETS = ("人民路", "中山路", "解放路", "建设路", "和平街", "长江路", "学院路", "文化路")
FIRST_BIRTH = dt.date(1940, 1, 1)
BATCH = 2000


def customers(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """The fields of ``count`` invented customers."""
    dice = random.Random(seed)
    for number in range(count):
        given = "".join(dice.choices(GIVEN, k=dice.choice((1, 2, 2))))
        values: dict[str, Any] = {
            "name": dice.choice(SURNAMES) + given,
            "mobile": f"1{dice.choice((3, 5, 7, 8, 9))}{dice.randrange(10**9):09d}",
            "birth_date": FIRST_BIRTH + dt.timedelta(days=dice.randrange(25_000)),
            "home_address": f"{dice.choice(STREETS)}{dice.randrange(1, 999)}号{dice.randrange(1, 30)}室",
            "policy_no": f"P{number:010d}" if dice.random() < 0.4 else None,
        }
        yield values | {"doc_no": _document_number(number, values["birth_date"])}


def fingerprint() -> str:
    """What tells these people from those that an earlier version of this module invented."""
    return hashlib.sha256(repr(list(customers(BATCH))).encode()).hexdigest()


def _document_number(number: int, born: dt.date) -> str:
    """A resident's number with its check digit, another one for each of some millions of people."""
    first = f"{110101 + number // 1000}{born:%Y%m%d}{number % 1000:03d}"
    return first + check_digit(first)


def fill(store: Store, count: int) -> None:
    """Add ``count`` customers as a person would have: journalled and searchable, a transaction a batch."""
    people = customers(count)
    for start in range(0, count, BATCH):
        with store.begin(Actor()) as work:
            for _, values in zip(range(min(BATCH, count - start)), people, strict=False):
                work.add(Customer(**values))
