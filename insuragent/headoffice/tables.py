"""Head office's tables: ``(tenant, agent)`` leads every key and index, so that they can be spread by agent.

No serial numbers, no joins across agents, no database feature that only one server has. What belongs to no agent
lies with the agent ``OFFICE`` (one-time codes, the server's key) or ``CATALOGUE`` (products).
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from insuragent.models.base import NAMING
from insuragent.models.fields import Moment, Search

#: The tenant of a server that serves one company.
TENANT = "main"
#: How a column is sealed (:mod:`sealing`): the personal fields of a record, a text, bytes, or
#: bytes that are packed first.
FIELDS, TEXT, BYTES, PACKED = "fields", "text", "bytes", "packed"
OFFICE, CATALOGUE = "office", "catalogue"

_REFUSED = sa.text("result = 'refused'")

metadata = sa.MetaData(naming_convention=NAMING)
Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def _table(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    owner = (sa.Column(part, sa.Text, primary_key=True) for part in ("tenant", "agent"))
    return sa.Table(name, metadata, *owner, *columns)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _index(name: str, *columns: str, unique: bool = False) -> sa.Index:
    return sa.Index(name, "tenant", "agent", *columns, unique=unique)


#: How far the tables have come (:mod:`schema`); one row, of agent ``OFFICE``.
version = _table("version", sa.Column("number", sa.BigInteger, nullable=False))

#: The newest number of each feed; its row lock is taken first by whoever writes into the feed. ``held`` counts the
#: agent's records by kind; it is empty until somebody asks after a change that did not keep it.
feed = _table("feed", sa.Column("number", sa.BigInteger, nullable=False), sa.Column("held", Json))

#: ``last`` is the newest entry taken and ``chain`` its hash; before the first push they say where it must start.
#: ``ordered_at`` is when head office ordered the device to be wiped, ``wiped_at`` when the device confirmed it.
#: ``seal_key`` is the key by which it seals documents, once it has told it.
device = _table(
    "device",
    _key("device"),
    sa.Column("name", sa.Text, nullable=False, info={"seal": TEXT}),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("chain", sa.Text, nullable=False),
    sa.Column("skew_seconds", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("enrolled_at", Moment, nullable=False),
    sa.Column("seen_at", Moment),
    sa.Column("ordered_at", Moment),
    sa.Column("wiped_at", Moment),
    sa.Column("seal_key", sa.Text),
)

#: Whose keys seal documents (agent ``CATALOGUE``, :mod:`sealers`): ``number`` is the act that changed the row last,
#: ``key`` the SHA-256 of the public key.
sealer = _table(
    "sealer",
    _key("key"),
    _key("device"),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False, info={"seal": TEXT}),
    sa.Column("licence_no", sa.Text, nullable=False, info={"seal": TEXT}),
    sa.Column("since", Moment, nullable=False),
    sa.Column("until", Moment),
    _index("ix_sealer_number", "number", unique=True),
)

#: A record as it is now; ``body`` holds its fields in wire form, those of newer programs included. By the blind columns
#: it is found by the number of a document or a telephone that it holds, without the number being there.
record = _table(
    "record",
    _key("id"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("body", Json, nullable=False, info={"seal": FIELDS}),
    sa.Column("former", Json),
    sa.Column("blind_number", sa.Text, info={"blind": Search.TAIL}),
    sa.Column("blind_phone", sa.Text, info={"blind": Search.DIGITS}),
    _index("ix_record_kind", "kind"),
    _index("ix_record_blind_number", "blind_number"),
    _index("ix_record_blind_phone", "blind_phone"),
)

#: Every entry that a device pushed, sealed as it came, with head office's answer: journal, feed, quarantine and
#: stored answers are readings of it. ``feed_number`` is empty for what other desks need not know, or must not any
#: more. An entry whose text was erased keeps the text's hash in ``digest``, so that the device's chain still verifies.
#: The texts of a push lie in blocks: ``block`` is the number of the first entry of an entry's own, and then ``sealed``
#: and ``chain`` are empty.
entry = _table(
    "entry",
    _key("device"),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("feed_number", sa.BigInteger),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("deed", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("record_id", sa.Text),
    sa.Column("actor_id", sa.Text),
    sa.Column("sealed", sa.Text, nullable=False, info={"seal": TEXT}),
    sa.Column("base", sa.BigInteger),
    sa.Column("chain", sa.Text, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.Text),
    sa.Column("block", sa.BigInteger),
    _index("ix_entry_id", "id", unique=True),
    _index("ix_entry_feed", "feed_number", unique=True),
    # What is in quarantine is found without a look at all that is not.
    sa.Index("ix_entry_refused", "tenant", "agent", "number", sqlite_where=_REFUSED, postgresql_where=_REFUSED),
)

#: What a push brought, in one piece (:mod:`blocks`): the texts of a device's entries from ``first`` on; ``chain`` is
#: the hash of its journal before them.
block = _table(
    "block",
    _key("device"),
    sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("chain", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False, info={"seal": PACKED}),
)

#: Records that an agent had: ``root`` names the one that they hung on, ``to_agent`` who has them now; nobody, when
#: they were erased. What his desks still send about them goes there.
moved = _table(
    "moved",
    _key("id"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("root", sa.Text, nullable=False),
    sa.Column("to_agent", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    _index("ix_moved_root", "root"),
)

#: What a former agent's desk sent after a hand-over, waiting to be told to the agent who has the record now.
late = _table(
    "late",
    _key("id"),
    sa.Column("record_id", sa.Text, nullable=False),
    sa.Column("from_agent", sa.Text, nullable=False),
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("sealed", sa.Text, nullable=False, info={"seal": TEXT}),
    _index("ix_late_record", "record_id"),
)

#: The bytes that records name by their SHA-256: ``state`` is open (waited for), stored or refused (``code`` says why);
#: ``place`` is their name in the file store, which tells nothing.
file = _table(
    "file",
    _key("sha256"),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("media", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

#: The push that a device has offered last (:mod:`offers`), by the hash of its body: ``place`` is where its bytes are
#: kept in the file store, and empty once its entries were taken.
offer = _table(
    "offer",
    _key("device"),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

#: Places in the file store whose bytes nobody needs any more, until they are removed (:meth:`files.Files.sweep`).
unneeded = _table("unneeded", _key("place"))

#: One-time codes for new devices: the public half names the row, the secret half is kept as a hash.
code = _table(
    "code",
    _key("handle"),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("staff", sa.Text, nullable=False),
    sa.Column("tries", sa.BigInteger, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("device", sa.Text),
)

#: Failed enrolments by network address, so that nobody guesses handles at leisure.
attempt = _table(
    "attempt",
    _key("address"),
    sa.Column("failures", sa.BigInteger, nullable=False),
    sa.Column("since", Moment, nullable=False),
)

#: Nonces of signed requests, kept as long as the signature would be taken.
nonce = _table("nonce", _key("device"), _key("nonce"), sa.Column("seen_at", Moment, nullable=False))

#: The receipts that were given.
receipt = _table(
    "receipt",
    _key("device"),
    sa.Column("last", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

#: Head office's own journal (agent ``OFFICE``, :mod:`audit`).
audit = _table(
    "audit",
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", Json, nullable=False),
    sa.Column("chain", sa.Text, nullable=False),
)

#: Head office's own people (agent ``OFFICE``, :mod:`staff`): ``staff`` is the id of the record of one who is an agent
#: too, ``branch`` the one that a supervisor answers for, ``identity`` how the company's identity provider names one who
#: has no password here, ``step`` the newest one-time code that was used, ``temporary`` says that the password must be
#: changed first.
account = _table(
    "account",
    _key("name"),
    sa.Column("staff", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("branch", sa.Text, nullable=False, server_default=""),
    sa.Column("identity", sa.Text, nullable=False, server_default=""),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("password", sa.Text, nullable=False, info={"seal": TEXT}),
    sa.Column("totp", sa.Text, nullable=False, info={"seal": TEXT}),
    sa.Column("step", sa.BigInteger, nullable=False),
    sa.Column("temporary", sa.Boolean, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("seen_at", Moment),
)

#: Who is signed in to the console (agent ``OFFICE``): of a session's token only the hash is kept.
session = _table(
    "session",
    _key("digest"),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
)

#: What head office has set for all desks (agent ``CATALOGUE``, :mod:`oversight`).
setting = _table("setting", _key("name"), sa.Column("value", sa.BigInteger, nullable=False))

#: The server's own signing key (agent ``OFFICE``): what it signs proves that head office said it.
key = _table("key", _key("name"), sa.Column("private_key", sa.LargeBinary, nullable=False, info={"seal": BYTES}))
