"""The pages, in the order in which the navigation shows them."""

from insuragent.i18n import N_
from insuragent.models import Complaint, Sheet, Visit
from insuragent.ui.pages.calendar import CalendarPage
from insuragent.ui.pages.complaints import ComplaintsPage
from insuragent.ui.pages.customers import CustomersPage
from insuragent.ui.pages.settings import SettingsPage
from insuragent.ui.pages.sheets import SheetsPage
from insuragent.ui.pages.syncing import SyncingPage
from insuragent.ui.pages.today import TodayPage
from insuragent.ui.shell import PageSpec

PAGES: list[PageSpec] = [
    PageSpec("today", N_("工作台"), "house", TodayPage),
    PageSpec("customers", N_("客户管理"), "users", CustomersPage, CustomersPage.opens),
    PageSpec("calendar", N_("日程"), "calendar-days", CalendarPage, [Visit.kind()]),
    PageSpec("sheets", N_("产品说明书"), "file-pen-line", SheetsPage, [Sheet.kind()]),
    PageSpec("complaints", N_("投诉办理"), "message-square-warning", ComplaintsPage, [Complaint.kind()]),
    PageSpec("syncing", N_("同步"), "refresh-cw", SyncingPage),
    PageSpec("settings", N_("设置"), "settings", SettingsPage),
]
