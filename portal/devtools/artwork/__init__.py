"""Illustrations of the demo businesses: SVG sources, and the list of what stands in static/img/demo.

The sources are drawn for this project; nothing in them comes from elsewhere.
"""
