"""What Connect Four is, and how games are named. Standard library only."""
