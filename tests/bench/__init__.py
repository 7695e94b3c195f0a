"""The benchmark behind `make bench`: ratios within one run, side by side on the same server settings."""
