"""Where a person must choose: every contested field as a card, one of them current, and keys that choose for it."""

import uuid
from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QApplication, QWidget

from insuragent.errors import InsuragentError
from insuragent.i18n import _
from insuragent.services import syncing
from insuragent.services.syncing import Contested
from insuragent.ui.areas import area_of
from insuragent.ui.layout import column
from insuragent.ui.parts.conflict_card import WAYS, ConflictCard, ask_value
from insuragent.ui.parts.lists import refill
from insuragent.ui.shell import Context
from insuragent.ui.shortcuts import action
from insuragent.ui.widgets import EmptyState


class ConflictList(QWidget):
    """The open conflicts, the oldest first."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.cards: list[ConflictCard] = []
        self.current: ConflictCard | None = None
        #: The record at whose first conflict the list opens once it is read.
        self.wanted: uuid.UUID | None = None
        self._box = column(spacing=14)
        self.setLayout(self._box)
        self._fill()

    def offer_keys(self, page: QWidget) -> None:
        """Offer every choice as an action of ``page``, with its key."""
        for key, (way, words) in WAYS.items():
            action(page, _("冲突：{words}").format(words=_(words)), key, partial(self.choose, way))
        action(page, _("冲突：下一处"), "J", lambda: self.step(1))
        action(page, _("冲突：上一处"), "K", lambda: self.step(-1))

    def show_all(self, contested: Sequence[Contested]) -> None:
        """Show these; what was current stays so, or what came after it."""
        if [card.one for card in self.cards] != list(contested):
            place = self.cards.index(self.current) if self.current else 0
            focused = self.isAncestorOf(QApplication.focusWidget() or self)
            self.cards = [self._card(one) for one in contested]
            self._fill()
            self._make_current(self.cards[min(place, len(self.cards) - 1)] if self.cards else None, focus=focused)
        wanted = [card for card in self.cards if self.wanted in (card.one.record_id, card.one.customer_id)]
        if self.wanted and wanted:
            self._make_current(wanted[0], focus=True)
            self.wanted = None

    def step(self, by: int) -> None:
        """Go to the next card, or back."""
        if self.current is not None:
            place = self.cards.index(self.current) + by
            self._make_current(self.cards[max(0, min(place, len(self.cards) - 1))], focus=True)

    def choose(self, way: str, card: ConflictCard | None = None) -> None:
        """Take one of the ways for a card, or for the current one."""
        chosen = card or self.current
        if chosen is None or not chosen.offers(way):
            return
        one = chosen.one
        if way in ("join", "rewrite"):
            ask_value(self, one, one.joined if way == "join" else one.own, lambda value: self._write(one, value))
            return
        task = self.context.tasks.run(self, syncing.choose, one.id, way)
        task.then(lambda _record: self._say(_("已选择，另一边的内容留在留痕中"))).failed(self._complain)

    def _fill(self) -> None:
        """Show the cards, or say that nobody has to choose."""
        words = _("没有冲突。两边改了同一项时，会在这里并排显示，由您选择。")
        refill(self._box, self.cards or [EmptyState("git-merge", words)], lines=True)

    def _card(self, one: Contested) -> ConflictCard:
        made = ConflictCard(one)
        made.chosen.connect(lambda card, way: self.choose(way, card))
        made.entered.connect(self._make_current)
        made.left.connect(self.step)
        return made

    def _make_current(self, card: ConflictCard | None, *, focus: bool = False) -> None:
        self.current = card
        for one in self.cards:
            one.show_current(one is card)
        if card is not None and focus:
            card.setFocus()
            area = area_of(self)
            if area is not None:
                area.ensureWidgetVisible(card)

    def _write(self, one: Contested, value: object) -> None:
        task = self.context.tasks.run(self, syncing.write, one.id, value)
        task.then(lambda _record: self._say(_("已保存，两边原来的内容留在留痕中"))).failed(self._complain)

    def _say(self, words: str) -> None:
        self.context.toaster.show(words, "ok")

    def _complain(self, error: InsuragentError) -> None:
        self.context.toaster.complain(error)
