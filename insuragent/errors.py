"""Every error that insuragent raises on purpose.

InsuragentError            has .message (translated when shown) and .hint (what you can do)
├ UserError                the person can mend it; shown where it arose
│  ├ ValidationError       {field: message}; the form marks them
│  ├ NotPermitted          a rule of the trade or a role forbids it
│  ├ WrongPassphrase       the store stays shut; nothing is harmed
│  ├ RecordGone            archived or withdrawn meanwhile
│  └ BadFile               a file given to us cannot be used (import, package, PDF)
│     └ NoAccess           it cannot even be read or written
├ StoreError               the file that holds the records
│  ├ StoreLocked           another window or process holds it
│  ├ StoreDamaged          a page or the journal does not verify
│  ├ StoreMissing          a key file without its database, or the other way round
│  ├ StoreReadOnly         the folder cannot be written
│  ├ DiskFull              the last change was not saved; everything before is
│  └ StoreTooNew           written by a newer program
└ HeadOfficeError          the other side
   ├ Unreachable           no network: a state, not a fault
   ├ DeviceRevoked         head office withdrew this device
   ├ ProtocolTooOld        the desk must be updated before it may pull
   └ Refused               head office said no, with a stable code

Anything else is a bug: it is logged, shown once as our fault, and ends the use case.
Messages are Chinese msgids with named placeholders and never carry personal data.
"""

from collections.abc import Mapping

from insuragent.i18n import _


class InsuragentError(Exception):
    """An error with words for a person: what happened (message) and what to do (hint).

    ``message`` and ``hint`` are msgids; ``values`` fill their ``{placeholders}`` when they are shown,
    so that a change of language after the error was raised still shows in the right one.
    """

    message = ""
    hint = ""

    def __init__(self, message: str = "", *, hint: str = "", **values: object) -> None:
        self.message_id = message or type(self).message
        self.hint_id = hint or type(self).hint
        self.values = values
        super().__init__(self.message_id)

    def __str__(self) -> str:
        return _(self.message_id).format(**self.values)

    @property
    def advice(self) -> str:
        """What the person can do now; empty when there is nothing to add."""
        return _(self.hint_id).format(**self.values) if self.hint_id else ""

    @property
    def reason(self) -> str:
        """The message; of values that cannot be taken only why, for a place where they are in sight."""
        return str(self)

    def with_advice(self, words: str = "") -> str:
        """The message, or ``words`` in its place, and below it what the person can do now."""
        return "\n".join(filter(None, (words or str(self), self.advice)))


class UserError(InsuragentError):
    """The person can mend it."""


class ValidationError(UserError):
    """Values that cannot be taken: ``problems`` maps each field's name to the reason, already worded."""

    message = "有 {count} 处需要更正"

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(count=len(self.problems))

    def __str__(self) -> str:
        return f"{super().__str__()}：{self.reason}"

    @property
    def reason(self) -> str:
        return "；".join(self.problems.values())


class NotPermitted(UserError):
    """A rule or a role forbids it; the message names the rule."""


class WrongPassphrase(UserError):
    """The passphrase opens nothing."""

    message = "口令不正确"
    hint = "请检查大小写和输入法；忘记口令时可使用恢复码。资料没有受到任何影响。"


class RecordGone(UserError):
    """The record was archived or withdrawn meanwhile."""

    message = "这条记录已被归档或移交"
    hint = "请刷新列表。您刚才输入的内容保留在草稿中。"


class BadFile(UserError):
    """A file that was given to us cannot be used."""


class NoAccess(BadFile):
    """A file that was named to us cannot be read or written."""

    message = "文件 {name} 不能读取或写入"
    hint = "请检查文件名、文件夹和权限，或换一个地方再试；已经保存的资料不受影响。"

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class StoreError(InsuragentError):
    """The file that holds the records cannot be used as asked."""


class StoreLocked(StoreError):
    """Another process has the profile open."""

    message = "这个资料夹已在另一个窗口中打开"
    hint = "请切换到已打开的窗口，或先将其关闭。资料完好。"


class StoreDamaged(StoreError):
    """What was read does not verify."""

    message = "资料文件已损坏或被改动"
    hint = "请不要继续写入。请用最近的备份恢复；已同步的内容在总公司有完整副本。"


class StoreMissing(StoreError):
    """The key file and the database do not belong to a first run: one of them is missing or empty."""

    message = "找到了密钥文件，但资料文件缺失或为空"
    hint = "请不要重新初始化。请用备份恢复资料文件；密钥文件已原样保留。"


class StoreReadOnly(StoreError):
    """The folder of the profile cannot be written."""

    message = "资料夹不可写"
    hint = "请检查该文件夹的权限，或磁盘是否被写保护。已有资料没有改变。"


class DiskFull(StoreError):
    """The change was rolled back because the disk is full."""

    message = "磁盘空间不足，刚才的修改没有保存"
    hint = "之前保存的内容都完好。请腾出空间后再保存一次，您的输入仍在表单中。"


class StoreTooNew(StoreError):
    """The schema is newer than this program knows."""

    message = "资料文件由更新版本的程序写入"
    hint = "请安装最新版程序后再打开。资料完好，没有被改动。"


class HeadOfficeError(InsuragentError):
    """Head office answered no, or not at all."""


class Unreachable(HeadOfficeError):
    """No network, or no answer in time."""

    message = "暂时无法连接总公司"
    hint = "可以继续离线工作，待同步的内容会保留，联网后自动再试。"


class DeviceRevoked(HeadOfficeError):
    """Head office withdrew this device."""

    message = "总公司已停用本设备"
    hint = "请联系主管。"


class ProtocolTooOld(HeadOfficeError):
    """The desk speaks a protocol that head office no longer serves for pulling."""

    message = "程序版本过旧，需要更新后才能接收资料"
    hint = "本机的修改仍可上传，不会丢失。"


class Refused(HeadOfficeError):
    """Head office refused a request; ``code`` is stable and fit for tests and support."""

    message = "总公司拒绝了请求（{code}）"

    def __init__(self, code: str, message: str = "", *, hint: str = "", **values: object) -> None:
        self.code = code
        super().__init__(message, hint=hint)
        self.values = {"code": code, **values}
