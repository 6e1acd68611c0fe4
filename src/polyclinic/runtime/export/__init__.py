"""From a network in torch to graphs that other runtimes run."""
