"""How large a request may be; how large a file of `hailong import` may be is said in `survey.imports.reading`."""

from __future__ import annotations

MOST_FORM_BYTES = 512 * 1024
MOST_FIELDS = 1000
MOST_API_BYTES = 8 * 1024 * 1024
MOST_UPLOAD_MB = 32  # some 300,000 cases; a larger file is for `hailong import`
MOST_UPLOAD_BYTES = MOST_UPLOAD_MB * 1024 * 1024
FORMS = {  # Flask's own names
    "MAX_CONTENT_LENGTH": MOST_FORM_BYTES,
    "MAX_FORM_MEMORY_SIZE": MOST_FORM_BYTES,
    "MAX_FORM_PARTS": MOST_FIELDS,
}
