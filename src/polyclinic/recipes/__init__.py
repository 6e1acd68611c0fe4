"""One file a published system: how data, model, tasks and training are put together."""
