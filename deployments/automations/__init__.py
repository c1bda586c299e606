"""The automations as code: what an event, or its absence, starts."""
