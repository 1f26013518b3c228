"""How often Python looks for objects that hold one another: seldom, for our work in bulk makes few of them."""

import gc

#: A page of a feed or a push makes some ten thousand containers that all go by themselves when it is done.
_YOUNG, _OLD = 50_000, 20


def settle() -> None:
    """Leave alone from now on what the start has made, and look through the rest less often.

    By its own measure the collector walked through everything that is loaded several times a page: a sixth of the time.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLD, _OLD)
