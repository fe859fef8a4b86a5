"""The store on one machine: journals, Parquet segments and a manifest."""
