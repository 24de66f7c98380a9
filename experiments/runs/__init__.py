"""Runs of one experiment: replicates with their twins, tables, digests."""
