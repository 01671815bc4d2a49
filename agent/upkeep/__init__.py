"""What a worker does beside its calls: it checks, warms up, keeps to retention, and watches its event loop."""
