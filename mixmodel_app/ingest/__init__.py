"""From the bytes of a person's file to a checked table that an engine can fit. Pure: no store, no web, no PyMC."""
