"""Multi-task readers of medical images: train, check and run them."""

__version__ = "0.1.0"
