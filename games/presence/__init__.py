"""Who is connected, over all processes."""
