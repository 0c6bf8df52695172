"""Words of other languages that jewelers order in; the table itself knows English."""

from __future__ import annotations

GLOSSARY: dict[str, str] = {
    # German, French, Spanish, Italian, Russian (accents are taken off before the look-up).
    "efeu": "ivy", "ranke": "vine", "ranken": "vines", "lierre": "ivy", "hiedra": "ivy", "edera": "ivy", "плющ": "ivy",
    "weinlaub": "vine", "vigne": "vine", "lorbeer": "laurel", "laurier": "laurel", "alloro": "laurel", "лавр": "laurel",
    "feder": "feather", "federn": "feathers", "plume": "feather", "plumes": "feathers", "pluma": "feather",
    "voluten": "volutes", "arabeske": "arabesque", "espirales": "spirals", "spirale": "spiral", "spiralen": "spirals",
    "keltisch": "celtic", "keltischer": "celtic", "celtique": "celtic", "celtico": "celtic", "knoten": "knot",
    "noeud": "knot", "nudo": "knot", "nodo": "knot", "flechtband": "plait", "zopf": "braid", "tresse": "braid", "trenza": "braid",
    "perlen": "beads", "perles": "beads", "perlas": "beads", "perle": "bead", "schuppen": "scales", "ecailles": "scales",
    "escamas": "scales", "drache": "dragon", "drachen": "dragon", "fisch": "fish", "wellen": "waves", "vagues": "waves", "olas": "waves",
    "onde": "waves", "meer": "sea", "maander": "meander", "grecque": "meander", "greca": "meander", "gehammert": "hammered",
    "martele": "hammered", "martillado": "hammered", "martellato": "hammered", "seil": "rope", "kordel": "rope", "corde": "rope",
    "cuerda": "rope", "corda": "rope", "zickzack": "zigzag", "facher": "fan", "eventail": "fan", "abanico": "fan",
    "muschel": "seashell", "coquille": "seashell", "concha": "seashell", "bienenwabe": "honeycomb", "wabe": "honeycomb",
    "waben": "honeycomb", "ruche": "beehive", "panal": "honeycomb", "blumen": "flowers", "fleurs": "flowers",
    "flores": "flowers", "fiori": "flowers", "blume": "flower", "rosen": "roses", "gitter": "lattice", "treillis": "trellis",
    "rauten": "lozenges", "blatter": "leaves", "feuilles": "leaves", "hojas": "leaves", "foglie": "leaves", "ohne": "without",
    "sans": "without", "sin": "without", "mit": "with", "avec": "with", "und": "and", "et": "and",
}  # fmt: skip
"""Word (accents taken off) to English."""
