"""The benchmark: a load client in C, servers to compare with, and the report. See bench/README.md."""
