"""The businesses: who they are, how they sell, where they get their money. Knows nothing of what they sell."""
