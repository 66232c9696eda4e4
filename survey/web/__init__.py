"""The addresses of the product, by audience: citizen, public, staff, api."""
