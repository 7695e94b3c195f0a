"""The words in which couples are written to: our own, or those of the business."""
