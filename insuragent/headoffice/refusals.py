"""The HTTP status of each refusal, for devices and for people alike."""

from insuragent.errors import InsuragentError, NotPermitted, Refused, UserError, ValidationError

_STATUS = {
    "bad_message": 400,
    "bad_login": 401,
    "bad_signature": 401,
    "stale_signature": 401,
    "replayed": 401,
    "unknown_device": 401,
    "revoked": 403,
    "bad_code": 403,
    "unknown_feed": 404,
    "unknown_record": 404,
    "unknown_account": 404,
    "unknown_staff": 404,
    "no_way": 404,
    "gap": 409,
    "renumbered": 409,
    "behind": 409,
    "other_offset": 409,
    "push_taken": 409,
    "push_not_whole": 409,
    "not_ordered": 409,
    "old_protocol": 426,
    "too_many_tries": 429,
    "busy": 503,
}


def status_of(error: InsuragentError) -> int:
    """The status that says most of why not."""
    match error:
        case Refused():
            return _STATUS.get(error.code, 400)
        case NotPermitted():
            return 403
        case ValidationError():
            return 422
        case UserError():
            return 400
    return 503
