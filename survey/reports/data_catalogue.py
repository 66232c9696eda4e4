"""Published results in a catalogue that data portals harvest: DCAT as JSON-LD, a data set for each period."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from survey.i18n import gettext, languages, msgid, speaking
from survey.models import Publication
from survey.reports import open_data
from survey.results.published import PublishedDocument

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_TITLE = msgid("Satisfaction with online public services: published results")
_HARVESTED = (open_data.CSV, open_data.JSON)


def catalogue(
    publications: Sequence[tuple[Publication, PublishedDocument]],
    home: str,
    page: Callable[[Publication], str],
    file: Callable[[Publication, str], str],
) -> bytes:
    """Return the catalogue of what is published.

    `home` is its own address, `page` that of what people read of a publication, `file` that of one of its files.
    """
    whole = {
        "@context": CONTEXT,
        "@id": home,
        "@type": "dcat:Catalog",
        "dct:title": _texts(lambda: gettext(_TITLE)),
        "dct:license": {"@id": open_data.LICENCE_ADDRESS},
        "dct:publisher": _agent(publications[0][1]) if publications else None,
        "dcat:dataset": [
            _dataset(publication, figures, page(publication), file) for publication, figures in publications
        ],
    }
    return (
        json.dumps({name: value for name, value in whole.items() if value is not None}, ensure_ascii=False) + "\n"
    ).encode()


def _dataset(
    publication: Publication, figures: PublishedDocument, page: str, file: Callable[[Publication, str], str]
) -> dict[str, Any]:
    about, content = figures["period"], open_data.files(figures, page)
    return {
        "@id": page,
        "@type": "dcat:Dataset",
        "dct:identifier": page,
        "dct:title": _texts(lambda: open_data.title(figures)),
        "dct:description": _texts(lambda: open_data.description(figures)),
        "dct:issued": {"@type": "xsd:dateTime", "@value": publication.published_at.isoformat()},
        "dct:language": languages(),
        "dct:license": {"@id": open_data.LICENCE_ADDRESS},
        "dct:publisher": _agent(figures),
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@type": "xsd:date", "@value": about["first_day"]},
            "dcat:endDate": {"@type": "xsd:date", "@value": about["last_day"]},
        },
        "dcat:landingPage": {"@id": page},
        "dcat:distribution": [_distribution(file(publication, name), name, content[name]) for name in _HARVESTED],
    }


def _distribution(address: str, name: str, content: bytes) -> dict[str, Any]:
    media_type = {"@id": f"https://www.iana.org/assignments/media-types/{open_data.MEDIA_TYPES[name]}"}
    return {
        "@type": "dcat:Distribution",
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": address},
        "dcat:mediaType": media_type,
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(len(content))},
        "dct:license": {"@id": open_data.LICENCE_ADDRESS},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": hashlib.sha256(content).hexdigest()},
        },
    }


def _agent(figures: PublishedDocument) -> dict[str, Any]:
    names = [{"@language": language, "@value": name} for language, name in sorted(figures["agency"]["name"].items())]
    return {"@type": "foaf:Agent", "dct:identifier": figures["agency"]["code"], "foaf:name": names}


def _texts(words: Callable[[], str]) -> list[dict[str, str]]:
    every = []
    for language in languages():
        with speaking(language):
            every.append({"@language": language, "@value": words()})
    return every
