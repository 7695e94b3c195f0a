"""What happens outside of a request: effects are carried out, time passes. Nothing in ``portal`` imports this."""
