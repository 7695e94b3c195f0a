"""What tests of several folders share: the world they act in, and ways to look at it."""
