"""How metadata of an object changes when it is updated."""


def merge_metadata(old: dict[str, str], new: dict[str, str] | None) -> dict[str, str]:
    """Stripe's rule: keys are set one by one, an empty value removes its key, empty metadata removes them all."""
    if new is None:
        return old
    return {key: value for key, value in (old | new).items() if value} if new else {}
