"""Flask and HTML only: pages, fragments, and what stands around them. Calls services and queries, never a model."""
