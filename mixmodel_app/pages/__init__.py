"""One file per route: the page function, its state and its `@page` line."""
