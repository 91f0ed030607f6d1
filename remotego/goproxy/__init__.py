"""What go does with the proxies that it is given: its requests in order, and policies of tiers. Pure."""
