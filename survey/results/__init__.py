"""From stored answers to figures: counts, closing, verdicts in words, caveats and charts."""

import pandas as pd

# Tables of figures have some ten rows. Arrow's strings are made for millions: with them the arithmetic of a page takes
# half as long again.
pd.set_option("mode.string_storage", "python")
