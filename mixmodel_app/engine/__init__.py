"""Engines: from a table and a mapping to `ModelResults`.

Every module here is cheap to import; PyMC loads inside a fit.
"""
