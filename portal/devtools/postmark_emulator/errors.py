"""Postmark's errors: a status, a code and a sentence (https://postmarkapp.com/developer/api/overview#error-codes)."""

UNPROCESSABLE, TOO_MANY, SERVER_ERROR = 422, 429, 500


class ApiError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, object] = {"ErrorCode": code, "Message": message}


def injected(status: int, code: int) -> ApiError:
    """An error on demand; Postmark's own breakdowns come without a body of use."""
    if not code and status == TOO_MANY:
        code = TOO_MANY
    return ApiError(status, code, "as it was asked to fail")


def bad_token() -> ApiError:
    """Nobody that we know."""
    return ApiError(401, 10, "The request does not contain a valid Server token.")


def invalid(what: str) -> ApiError:
    """A field that cannot be."""
    return ApiError(UNPROCESSABLE, 300, f"Invalid email request: {what}")


def no_stream(stream: object) -> ApiError:
    """A message stream that there is not."""
    return ApiError(UNPROCESSABLE, 1235, f"The stream '{stream}' does not exist on this server.")


def inactive(address: str) -> ApiError:
    """A recipient that is not written to."""
    return ApiError(
        UNPROCESSABLE,
        406,
        "You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: "
        f"{address}. Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual"
        " suppression.",
    )
