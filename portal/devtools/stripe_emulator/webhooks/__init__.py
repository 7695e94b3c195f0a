"""Telling the endpoints what happened: who is told, the signed call itself, and trying again."""
