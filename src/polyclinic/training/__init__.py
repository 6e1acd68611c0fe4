"""The loop, loss balancing, schedules, exact resume."""
