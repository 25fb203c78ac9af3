"""Who somebody is, and how much one connection, person or address may do."""
