"""Measurements of `wco_search`: what it finds, and how fast. See README.md in this folder for the protocol."""
