"""Journeys: the product from end to end, as its users go."""
