"""An app of a later release: one migration, which alters a table that everybody uses."""
