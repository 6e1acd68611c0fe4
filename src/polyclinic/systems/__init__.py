"""Published systems, a wing each, with everything that only this one needs."""
