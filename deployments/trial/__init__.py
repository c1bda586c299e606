"""Firing the automations on a scratch server, to see what they do."""
