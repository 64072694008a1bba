"""What the toolkit is measured at, against the published package: `python -m benchmarks` writes `results.md`."""
