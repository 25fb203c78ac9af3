"""What runs Fourline on servers: files for them, and `deploy.local`, which runs the same on one machine."""
