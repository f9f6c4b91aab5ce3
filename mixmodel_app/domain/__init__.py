"""Pure data classes and the error tree. Nothing here does input or output, or knows the web, the stores or PyMC."""
