"""How messages travel: by e-mail, through a gateway to phones, or in a file; and what they say."""

from survey.sending.rounds import Carrier, Round, ways

__all__ = ["Carrier", "Round", "ways"]
