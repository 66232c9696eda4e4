"""Tasks that come of figures: what is to be done, who does it, until when; they stand beside the figure ever after."""
