"""Words of other languages that jewelers order in; the table itself knows English."""

from __future__ import annotations

_BY_MEANING = {
    "ivy": "efeu lierre hiedra edera плющ",
    "vine": "ranke weinlaub weinranke vigne vid vite лоза",
    "vines": "ranken",
    "laurel": "lorbeer lorbeerkranz laurier alloro лавр",
    "wreath": "kranz couronne corona ghirlanda венок",
    "acanthus": "akanthus acanthe acanto аканф",
    "oak": "eiche eichenlaub chene roble quercia дуб",
    "acorns": "eicheln glands bellotas ghiande желуди",
    "rose": "rosa роза",
    "roses": "rosen rosas розы",
    "lily": "lilie lys lirio giglio лилия",
    "lilies": "lilien lirios gigli лилии",
    "daisy": "ganseblumchen margerite marguerite margarita margherita ромашка",
    "daisies": "margeriten marguerites margaritas margherite ромашки",
    "forget me not": "vergissmeinnicht myosotis nomeolvides nontiscordardime незабудка незабудки",
    "fern": "farn farnkraut fougere helecho felce папоротник",
    "wheat": "weizen ahren ble trigo grano пшеница",
    "thistle": "distel chardon cardo чертополох",
    "scroll": "schnorkel rinceau voluta завиток",
    "volutes": "voluten volutas завитки",
    "filigree": "filigran filigrane filigrana филигрань скань",
    "arabesque": "arabeske arabesken arabesco арабеска арабески",
    "lace": "spitze dentelle encaje pizzo кружево",
    "celtic": "keltisch keltischer keltische celtique celtico celta кельтский",
    "knot": "knoten noeud nudo nodo узел",
    "braid": "zopf tresse trenza treccia коса плетенка",
    "plait": "flechtband flechtwerk",
    "rope": "seil kordel tau strick corde cuerda corda fune веревка канат",
    "chain": "kette chaine cadena catena цепь",
    "chain links": "kettenglieder maillons eslabones",
    "basket weave": "korbgeflecht vannerie cesteria",
    "waves": "wellen vagues olas onde волны",
    "wave": "welle vague ola onda волна",
    "sea": "meer mer mar mare море",
    "clouds": "wolken nuages nubes nuvole облака",
    "cloud": "wolke nuage nube nuvola облако",
    "flames": "flammen flammes llamas fiamme пламя",
    "fire": "feuer feu fuego fuoco огонь",
    "feather": "feder plume pluma piuma перо",
    "feathers": "federn plumes plumas piume перья",
    "wings": "flugel ailes alas ali крылья",
    "scales": "schuppen ecailles escamas squame чешуя",
    "dragon": "drache drachen drago дракон",
    "fish": "fisch fische poisson pez pesce рыба",
    "honeycomb": "bienenwabe wabe waben panal favo соты",
    "beehive": "ruche bienenstock colmena alveare",
    "meander": "maander grecque greca меандр",
    "zigzag": "zickzack зигзаг",
    "fan": "facher eventail abanico ventaglio веер",
    "seashell": "muschel coquille coquillage concha conchiglia ракушка",
    "sunburst": "sonnenstrahlen rayons rayos",
    "sun": "sonne soleil sol sole солнце",
    "facets": "facetten facettes facetas sfaccettature грани",
    "gothic tracery": "masswerk maßwerk remplage traceria",
    "damask": "damast damas damasco дамаск",
    "paisley": "пейсли cachemire",
    "rosette": "rosace roseta rosone розетка",
    "rosettes": "rosetten rosaces rosetas розетки",
    "hammered": "gehammert hammerschlag martele martillado martellato кованый",
    "bark": "rinde baumrinde ecorce corteza corteccia кора",
    "wood": "holz bois madera legno дерево",
    "tree": "baum arbre arbol albero",
    "stipple": "punktiert pointille punteado puntinato",
    "stars": "sterne etoiles estrellas stelle звезды",
    "star": "stern etoile estrella stella звезда",
    "milgrain": "millegriffe мильгриф",
    "pearls": "perlen perles perlas perle жемчуг",
    "bead": "perl cuenta",
    "fleur de lis": "lilienwappen",
    "heart": "herz coeur corazon cuore сердце",
    "hearts": "herzen coeurs corazones cuori сердца",
    "runes": "runen runas rune руны",
    "flowers": "blumen bluten fleurs flores fiori цветы",
    "flower": "blume blute fleur flor fiore цветок",
    "leaves": "blatter feuilles hojas foglie листья",
    "leaf": "blatt feuille hoja foglia лист",
    "lattice": "gitter treillis reticulo",
    "lozenges": "rauten losanges rombos",
    "spirals": "espirales spiralen spirali",
    "skull": "totenkopf schadel crane calavera teschio череп",
    "owl": "eule hibou buho gufo",
    "cat": "katze chat gato gatto",
    "dog": "hund chien perro cane",
    "horse": "pferd cheval caballo cavallo",
    "bird": "vogel oiseau pajaro uccello",
    "butterfly": "schmetterling papillon mariposa farfalla",
    "lion": "lowe leon leone",
    "snake": "schlange serpent serpiente serpente",
    "anchor": "anker ancre ancla ancora",
    "edge": "rand bord borde bordo",
    "edges": "rander kanten bords bordes bordi",
    "border": "rahmen bordure",
    "rows": "reihen rangs filas file",
    "two": "zwei deux dos due",
    "three": "drei trois tres tre",
    "fine": "fein feine feinem fin fina",
    "bold": "kraftig kraftige gras grueso",
    "dense": "dicht dichte denso",
    "small": "klein kleine kleinen petit petits petites pequeno piccolo piccoli",
    "large": "gross grosse grossen grand grands grandes",
    "in the middle": "mitte milieu medio",
    "without": "ohne sans sin senza без",
    "with": "mit avec con с",
    "and": "und et e y и",
    "of": "de des di del della du von",
    "the": "der die das le la les el los las il lo gli",
    "on": "auf sur su sobre",
}
"""English to words of German, French, Spanish, Italian and Russian, accents taken off."""

GLOSSARY: dict[str, str] = {word: english for english, words in _BY_MEANING.items() for word in words.split()}
"""Foreign word to English."""
_ENGLISH_TOO = frozenset(
    """die des la e y crane chat file fin gras sin sole sol mar ala con due tau rune lys plume pluma serpent corona cane
    greca rosa rosas rand mer damas""".split()
)
"""Words that are English (or names) as well: translated only beside another foreign word."""
_JOINTS = ("", "s", "n", "en", "er")


def _compound(word: str) -> list[str]:
    """German compounds of two known words ('efeu' + 'ranke'), as English words; empty when there are none."""
    for cut in range(3, len(word) - 2):
        head, tail = word[:cut], word[cut:]
        for joint in _JOINTS:
            stem = head[: len(head) - len(joint)] if joint and head.endswith(joint) else head
            if (not joint or head.endswith(joint)) and stem in GLOSSARY and tail in GLOSSARY:
                return [*GLOSSARY[stem].split(), *GLOSSARY[tail].split()]
    return []


def translate(words: list[str]) -> list[str]:
    """English words for foreign ones; words that are English too only where something else is foreign."""
    sure = [
        word for word in words if (word in GLOSSARY and word not in _ENGLISH_TOO) or (len(word) > 6 and _compound(word))
    ]
    out: list[str] = []
    for word in words:
        if word in GLOSSARY and (word not in _ENGLISH_TOO or sure):
            out += GLOSSARY[word].split()
        elif len(word) > 6 and word not in GLOSSARY and _compound(word):
            out += _compound(word)
        else:
            out.append(word)
    return out
