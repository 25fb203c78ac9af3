"""Accounts: signing up and in, e-mail addresses and the letters about them, passwords, rights in the admin."""
