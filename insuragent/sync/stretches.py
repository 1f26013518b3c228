"""A push in stretches, over a line that breaks again and again: nothing that arrived is sent twice."""

from collections.abc import Callable
from functools import partial
from hashlib import sha256

from insuragent.errors import Refused
from insuragent.sync.client import Office
from insuragent.sync.progress import Patience
from insuragent.sync.protocol import Push, PushAnswer, pack
from insuragent.sync.protocol.offers import TAKEN, PushOffer, PushSent


def push(office: Office, patiently: Patience, message: Push, told: Callable[[float], object]) -> PushAnswer | None:
    """Send entries and have them taken; ``told`` hears which share of the bytes is gone.

    None when they were taken before and the answer was lost: a greeting tells it. Raises as ``Office.push`` does.
    """
    body = pack(message.turned())
    offer = PushOffer(sha256(body).hexdigest(), len(body))
    try:
        way = patiently(partial(office.offer, offer))
        at = way.at
        while at < len(body):
            at = patiently(partial(office.carry, way.path, body, at, lambda gone: told(gone / len(body))))
        return patiently(partial(office.take, PushSent(offer.sha256)))
    except Refused as refused:
        if refused.code != TAKEN:
            raise
        return None
