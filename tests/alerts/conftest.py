"""The mail server and the settings by which the worker reaches it, as the tests of delivery have them."""

from tests.delivery.conftest import mail, patient, phones, reach, rounds

__all__ = ["mail", "patient", "phones", "reach", "rounds"]
