"""A form's save under way: no other begins meanwhile; what is typed meanwhile is neither lost nor taken for saved."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from insuragent.errors import InsuragentError
from insuragent.ui.tasks import Task

R = TypeVar("R")
Later = dict[str, Any]


class Saved(Protocol):
    """What a form must offer here; each filling of it has a draft's name of its own."""

    draft_name: str

    def values(self) -> dict[str, Any]:
        """What its fields hold."""

    def take(self, values: Mapping[str, Any]) -> None:
        """Type these values."""

    def saved(self, sent: Mapping[str, Any]) -> None:
        """These values are saved."""

    def forget(self, draft_name: str) -> None:
        """Let go of a draft."""


class Saving:
    """The saves of a form, one at a time: a second click on a slow disk does not make a second record."""

    def __init__(self, form: Saved) -> None:
        self._form = form
        self.under_way = False

    def follow(
        self, task: Task[R], then: Callable[[R, Later | None], object], failed: Callable[[InsuragentError], object]
    ) -> None:
        """See a save through.

        ``then`` gets what was saved and what was typed since; None when the form shows something else by now. What was
        typed is in the form again afterwards, also when ``then`` filled it anew.
        """
        form, sent, name = self._form, self._form.values(), self._form.draft_name
        self.under_way = True

        def end() -> None:
            self.under_way = False

        def tell(result: R) -> None:
            if form.draft_name != name:
                form.forget(name)
                then(result, None)
                return
            later = {field: value for field, value in form.values().items() if value != sent[field]}
            form.saved(sent)
            then(result, later)
            form.take(later)

        task.ended(end).then(tell).failed(failed)
