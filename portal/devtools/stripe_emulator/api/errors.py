"""Errors in Stripe's shape (https://docs.stripe.com/api/errors).

`is_kept` tells whether the answer is remembered under an idempotency key: Stripe keeps what happened after an
endpoint began to work, and forgets what it refused before.
"""

from portal.devtools.stripe_emulator.store import Doc

BAD_REQUEST, UNAUTHORIZED, PAYMENT_REQUIRED, FORBIDDEN, NOT_FOUND, CONFLICT = 400, 401, 402, 403, 404, 409
TOO_MANY_REQUESTS, SERVER_ERROR = 429, 500


class ApiError(Exception):
    """A refusal or failure that the client is told about."""

    def __init__(
        self,
        message: str,
        *,
        status: int = BAD_REQUEST,
        error_type: str = "invalid_request_error",
        code: str = "",
        param: str = "",
        is_kept: bool = True,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.is_kept = is_kept
        self.error: Doc = {"message": message, "type": error_type}
        if code:
            self.error |= {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"}
        if param:
            self.error["param"] = param


def refused_parameter(message: str, param: str, code: str = "") -> ApiError:
    """A parameter that fails validation, before anything is done."""
    return ApiError(message, code=code, param=param, is_kept=False)


def missing_parameter(param: str) -> ApiError:
    """A required parameter is absent."""
    return refused_parameter(f"Missing required param: {param}.", param, "parameter_missing")


def unknown_parameters(params: list[str]) -> ApiError:
    """Parameters that this endpoint does not have."""
    plural = "s" if len(params) > 1 else ""
    return refused_parameter(f"Received unknown parameter{plural}: {', '.join(params)}", params[0], "parameter_unknown")


def resource_missing(kind: str, object_id: str, param: str) -> ApiError:
    """The account has no such object."""
    return ApiError(
        f"No such {kind}: '{object_id}'",
        status=NOT_FOUND,
        code="resource_missing",
        param=param,
    )


def injected(status: int) -> ApiError:
    """What Stripe answers when it is busy or broken; used by the fault switches."""
    if status == TOO_MANY_REQUESTS:
        message = "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."
        return ApiError(message, status=status, code="rate_limit", is_kept=False)
    if status == CONFLICT:
        return idempotency_conflict("(unknown)")
    message = "Sorry! There was an error while talking to one of our backends. Support has been notified."
    return ApiError(message, status=status, error_type="api_error", is_kept=status == SERVER_ERROR)


def idempotency_conflict(key: str) -> ApiError:
    """The first request with this key is still running."""
    return ApiError(
        f"There is currently another in-progress request using this Idempotent Key ({key}). This probably means you "
        "submitted twice, and the other request is still going through. Please try again later.",
        status=CONFLICT,
        error_type="idempotency_error",
        code="idempotency_key_in_use",
        is_kept=False,
    )
