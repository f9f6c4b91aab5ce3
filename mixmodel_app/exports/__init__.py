"""Files that people take away. Every text passes `ingest.injection`, so that no spreadsheet runs what a cell holds."""
