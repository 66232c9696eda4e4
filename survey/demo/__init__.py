"""The demonstration province: Vĩnh Long 2026, synthetic in every answer, marked so on every page and export."""
