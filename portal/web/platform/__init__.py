"""Pages of the installation itself: its front page, and what its operators see."""
