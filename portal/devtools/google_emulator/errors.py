"""Errors as Google words them (https://developers.google.com/workspace/calendar/api/guides/errors)."""


class TokenError(Exception):
    """The token endpoint gives no token."""

    status = 400

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.body = {"error": error, "error_description": description}


class ApiError(Exception):
    """A call to the calendar is refused."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        told = {"domain": "global", "reason": reason, "message": message}
        self.body = {"error": {"errors": [told], "code": status, "message": message}}


def injected(status: int, reason: str) -> ApiError:
    """An error that somebody asked for; without a reason the usual one of its status."""
    usual = {
        401: "authError",
        403: "userRateLimitExceeded",
        404: "notFound",
        429: "rateLimitExceeded",
    }
    return ApiError(status, reason or usual.get(status, "backendError"), "Injected.")
