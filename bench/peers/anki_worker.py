"""Anki's own client as a worker: FOLDER, the address of its server, "first" for whoever makes the type, the fields."""

import json
import sys
import time
from typing import Any

from anki.collection import AddNoteRequest, Collection  # type: ignore[import-not-found]

FOLDER, ADDRESS, ROLE = sys.argv[1:4]
FIELDS = sys.argv[4].split(",")


def login(collection: Collection) -> Any:
    """The signed-in user."""
    return collection.sync_login("u", "p", ADDRESS)


def opened() -> tuple[Collection, Any]:
    """A collection in step with the server."""
    collection = Collection(f"{FOLDER}/collection.anki2")
    first = ROLE == "first"
    if first:
        kind = collection.models.new("cust")
        for name in FIELDS:
            collection.models.add_field(kind, collection.models.new_field(name))
        card = collection.models.new_template("c")
        card["qfmt"], card["afmt"] = "{{id}}", "{{name}}"
        collection.models.add_template(kind, card)
        collection.models.add(kind)
    auth = login(collection)
    collection.close_for_full_sync()
    collection.full_upload_or_download(auth=auth, server_usn=None, upload=first)
    collection.reopen(after_full_sync=True)
    return collection, auth


def load(collection: Collection, rows: list[dict[str, Any]]) -> None:
    """Add notes."""
    kind, deck, asked = collection.models.by_name("cust"), collection.decks.id("Default"), []
    for row in rows:
        note = collection.new_note(kind)
        note.fields = [str(row[name]) for name in FIELDS]
        asked.append(AddNoteRequest(note=note, deck_id=deck))
    collection.add_notes(asked)


def edit(collection: Collection, edits: list[list[str]]) -> None:
    """Change two fields of some notes."""
    ids = dict(collection.db.execute("select substr(flds,1,36),id from notes"))
    notes = []
    for key, mobile, remark in edits:
        note = collection.get_note(ids[key])
        note["mobile"], note["remark"] = mobile, remark
        notes.append(note)
    time.sleep(1.1)  # its times are whole seconds
    collection.update_notes(notes)


def main() -> None:
    """Do as told."""
    collection, auth = opened()
    for line in sys.stdin:
        asked = json.loads(line)
        match asked.pop("op"):
            case "load":
                load(collection, **asked)
                told: dict[str, Any] = {}
            case "edit":
                edit(collection, **asked)
                told = {}
            case "sync":
                before = time.process_time()
                collection.sync_collection(auth, False)
                told = {"cpu": time.process_time() - before}
            case _:
                told = {"count": collection.db.scalar("select count() from notes")}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
