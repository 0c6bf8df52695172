"""Words of other languages that jewelers order in; the table itself knows English."""

from __future__ import annotations

_BY_MEANING = {
    "ivy": "efeu lierre hiedra edera плющ",
    "vine": "ranke weinlaub vigne",
    "vines": "ranken",
    "laurel": "lorbeer laurier alloro лавр",
    "feather": "feder plume pluma",
    "feathers": "federn plumes",
    "volutes": "voluten",
    "arabesque": "arabeske",
    "spirals": "espirales spiralen",
    "spiral": "spirale",
    "celtic": "keltisch keltischer celtique celtico",
    "knot": "knoten noeud nudo nodo",
    "plait": "flechtband",
    "braid": "zopf tresse trenza",
    "beads": "perlen perles perlas",
    "bead": "perle",
    "scales": "schuppen ecailles escamas",
    "dragon": "drache drachen",
    "fish": "fisch",
    "waves": "wellen vagues olas onde",
    "sea": "meer",
    "meander": "maander grecque greca",
    "hammered": "gehammert martele martillado martellato",
    "rope": "seil kordel corde cuerda corda",
    "zigzag": "zickzack",
    "fan": "facher eventail abanico",
    "seashell": "muschel coquille concha",
    "honeycomb": "bienenwabe wabe waben panal",
    "beehive": "ruche",
    "flowers": "blumen fleurs flores fiori",
    "flower": "blume",
    "roses": "rosen",
    "lattice": "gitter",
    "trellis": "treillis",
    "lozenges": "rauten",
    "leaves": "blatter feuilles hojas foglie",
    "without": "ohne sans sin",
    "with": "mit avec",
    "and": "und et",
}
"""English word to words of German, French, Spanish, Italian and Russian, accents taken off."""

GLOSSARY: dict[str, str] = {word: english for english, words in _BY_MEANING.items() for word in words.split()}
