"""One unit a task: target codec, head, loss, decoding and metrics."""
