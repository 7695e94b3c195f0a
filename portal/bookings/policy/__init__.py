"""The pure rules of a booking: what may be wished for, what a cancellation gives back, how a date may move."""
