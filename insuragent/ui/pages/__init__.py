"""The pages, in the order in which the navigation shows them."""

from insuragent.i18n import N_
from insuragent.ui.pages.today import TodayPage
from insuragent.ui.shell import PageSpec

PAGES: list[PageSpec] = [
    PageSpec("today", N_("工作台"), "house", TodayPage),
]
