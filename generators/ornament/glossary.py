"""Words of other languages that jewelers order in; the table itself knows English."""

from __future__ import annotations

from ringcad.generators.ornament.embedding import load_table
from ringcad.generators.ornament.wordpiece import singular

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

_THINGS = {
    "pattern": "muster dekor motifs",
    "row": "reihe",
    "coat of arms": "wappen",
    "french": "franzosisch franzosische",
    "sky": "himmel ciel cielo",
    "bees": "bienen abeilles abejas api",
    "bee": "biene abeille abeja",
    "stag": "hirsch cerf ciervo cervo",
    "deer": "reh rehe chevreuil",
    "wolf": "loup lobo lupo",
    "fox": "fuchs renard zorro volpe",
    "hare": "hase lievre liebre lepre",
    "hedgehog": "igel herisson erizo riccio",
    "squirrel": "eichhornchen ecureuil ardilla scoiattolo",
    "dragonfly": "libelle libellule libelula libellula",
    "ladybird": "marienkafer coccinelle mariquita coccinella",
    "beetle": "kafer scarabee escarabajo scarabeo",
    "swallow": "schwalbe hirondelle golondrina rondine",
    "eagle": "adler aigle aguila aquila",
    "dove": "taube colombe paloma colomba",
    "raven": "rabe corbeau cuervo corvo",
    "swan": "schwan cygne cisne cigno",
    "peacock": "pfau paon pavone",
    "dolphin": "delfin dauphin delfino",
    "whale": "baleine ballena balena",
    "starfish": "seestern",
    "seahorse": "seepferd seepferdchen hippocampe",
    "turtle": "schildkrote tortue tortuga tartaruga",
    "elephant": "elefant elefante",
    "unicorn": "einhorn licorne unicornio unicorno",
    "mushroom": "pilz champignon fungo",
    "clover": "klee trefle trebol trifoglio",
    "clover leaf": "kleeblatt",
    "snowflake": "schneeflocke flocon",
    "pine cone": "tannenzapfen zapfen",
    "moon": "mond lune",
    "crown": "krone",
    "key": "schlussel llave chiave",
    "sword": "schwert epee espada spada",
    "cross": "kreuz croix cruz croce",
    "compass": "kompass boussole brujula bussola",
    "lighthouse": "leuchtturm phare faro",
    "ship": "schiff bateau barco",
    "spider": "spinne araignee arana ragno",
    "frog": "frosch grenouille rana",
    "angel": "engel ange angelo",
    "grapes": "trauben raisins uvas",
    "grape": "traube",
    "branch": "zweig ast branche ramo",
    "bud": "knospe bouton",
    "tulip": "tulpe tulipe",
    "sunflower": "sonnenblume tournesol girasol girasole",
    "violets": "veilchen violettes",
    "edelweiss": "edelweiss",
    "snow": "schnee neige",
    "mountains": "berge montagnes",
    "fluted": "kanneliert kannelierung cannele cannelure",
    "granulation": "granulation granulierung",
    "letters": "buchstaben schrift lettres",
    "gothic": "gotisch gotische gotik gothique",
    "baroque": "barock barocke",
    "rococo": "rokoko",
    "art nouveau": "jugendstil",
    "viking": "wikinger",
    "antique": "antik antike",
    "greek": "griechisch griechische grec",
    "japanese": "japanisch japanische japonais",
    "like": "wie comme",
    "in": "im dans",
    "round": "rund ronde",
}
"""Things, styles and little words, as ``_BY_MEANING``."""
_MORE = {
    "cherry": "kirsche kirsch cerise cerisier ciliegio cerezo",
    "apple": "apfel pomme manzana mela",
    "almond": "mandel amandier mandorlo almendro",
    "peony": "pfingstrose pivoine peonia",
    "orchid": "orchidee orchidea orquidea",
    "water lily": "seerose nenuphar ninfea",
    "lily of the valley": "maiglockchen muguet mughetto",
    "snowdrop": "schneeglockchen",
    "poppy": "mohn mohnblume coquelicot amapola papavero",
    "cornflower": "kornblume bleuet",
    "lavender": "lavendel lavande",
    "daisies": "paquerette",
    "hops": "hopfen houblon",
    "mistletoe": "mistel",
    "holly": "stechpalme houx",
    "palm": "palmier palmera",
    "bamboo": "bambus bambou",
    "reed": "schilf roseau",
    "sheaf": "garbe gerbe",
    "ears of wheat": "epis",
    "barley": "gerste",
    "harvest": "ernte moisson",
    "thorns": "dornen epines espinas spine",
    "tendril": "vrille",
    "vine shoot": "sarment",
    "foliage": "laub laubwerk feuillage fogliame",
    "garland": "girlande guirlande guirnalda",
    "petals": "blutenblatter petales petali",
    "maple": "ahorn erable",
    "fir": "tanne sapin",
    "birch": "birke bouleau",
    "willow": "weide saule",
    "chestnut": "kastanie",
    "root": "wurzel racine",
    "forest": "wald foret bosque bosco",
    "wood grain": "maserung holzmaserung veinage",
    "tree trunk": "baumstamm",
    "brocade": "brokat brocart brocado broccato",
    "velvet": "samt velours",
    "silk": "seide soie seta",
    "tapestry": "tapisserie gobelin wandteppich",
    "carpet": "teppich tapis tappeto alfombra",
    "wallpaper": "tapete",
    "embroidery": "stickerei broderie ricamo",
    "knitted": "gestrickt tricote",
    "fabric": "stoff tissu tessuto",
    "gadroon": "godron godronne godronierung godronnage",
    "stained glass": "vitrail vitraux kirchenfenster vetrata",
    "cathedral": "kathedrale cathedrale catedral cattedrale",
    "pointed arch": "spitzbogen ogive",
    "arches": "bogen arceaux",
    "window": "fenster fenetre ventana finestra",
    "column": "saulen colonne columna",
    "cut": "schliff geschliffen taille",
    "diamond": "diamant diamante",
    "crystal": "kristall cristal cristallo",
    "stone": "stein pierre piedra pietra",
    "twisted": "gedreht gedrehte verdreht torsade torsadee tordu retorcido ritorto",
    "braided": "geflochten geflochtene tressee intrecciato trenzado",
    "woven": "gewebt gewoben tisse tejido",
    "interlaced": "verschlungen verschlungene entrelace entrelacee entrelacs entrelazado",
    "trinity": "dreifaltigkeit dreieinigkeit trinite trinidad trinita",
    "endless": "endlos unendlich infini infinito",
    "hexagon": "sechseck hexagone",
    "triangle": "dreieck",
    "circle": "kreis cercle",
    "lines": "linien lignes",
    "dots": "punkte puntos punti",
    "rising": "levant aufgehend aufgehende",
    "sunset": "sonnenuntergang",
    "sunrise": "sonnenaufgang",
    "rays": "strahlen raggi",
    "night": "nacht nuit noche notte",
    "milky way": "milchstrasse",
    "lightning": "eclair rayo",
    "rain": "regen pluie lluvia pioggia",
    "ice": "eis glace ghiaccio",
    "smoke": "rauch fumee",
    "water": "wasser eau agua acqua",
    "river": "fluss fleuve riviere fiume",
    "foam": "schaum ecume",
    "storm": "sturm tempete",
    "duck": "ente canard",
    "rooster": "hahn coq gallo",
    "pig": "schwein cochon",
    "cow": "kuh vache",
    "sheep": "schaf mouton",
    "goat": "ziege chevre",
    "rabbit": "kaninchen lapin conejo coniglio",
    "mouse": "maus souris",
    "bat": "fledermaus",
    "spider web": "spinnennetz spinnwebe",
    "snail": "schnecke escargot",
    "octopus": "krake kraken tintenfisch poulpe pieuvre pulpo",
    "crab": "krebs crabe",
    "hummingbird": "kolibri",
    "parrot": "papagei perroquet",
    "stork": "storch cigogne",
    "ant": "ameise fourmi",
    "mermaid": "meerjungfrau sirene",
    "witch": "hexe sorciere",
    "bicycle": "fahrrad velo bicyclette",
    "guitar": "gitarre guitare",
    "violin": "geige violon",
    "book": "buch livre",
    "scissors": "schere ciseaux",
    "bell": "glocke cloche campana",
    "rocket": "rakete fusee",
    "tractor": "traktor tracteur",
    "motorbike": "motorrad",
    "sailing boat": "segelboot voilier",
    "wheel": "roue rueda ruota",
    "house": "haus maison",
    "castle": "schloss chateau castillo castello",
    "tower": "turm",
    "mill": "muhle moulin",
    "bridge": "brucke",
    "medieval": "mittelalterlich mittelalterliche mittelalter",
    "roman": "romisch romische romain romano",
    "egyptian": "agyptisch agyptische egyptien",
    "indian": "indisch indische indien",
    "chinese": "chinesisch chinesische chinois chinoise",
    "oriental": "orientalisch orientalische",
    "moorish": "maurisch maurische mauresque morisco moresco",
    "scottish": "schottisch schottische ecossais",
    "irish": "irisch irische irlandais",
    "norse": "nordisch nordische nordique",
    "romantic": "romantisch romantische romantique",
    "playful": "verspielt verspielte",
    "delicate": "zart zarte delicat",
    "old": "alt alte alten vieux vieille",
    "between": "zwischen entre",
    "a": "ein eine einen einem einer une",
    "my": "mein meine meiner",
    "for": "fur pour",
    "ground": "grund hintergrund",
    "sailor": "seemann matelot",
    "from": "aus vom dalla",
}
"""More plants, cloth, buildings, animals, things and styles, as ``_BY_MEANING``."""
GLOSSARY: dict[str, str] = {
    word: english
    for table in (_MORE, _BY_MEANING, _THINGS)
    for english, words in table.items()
    for word in words.split()
}
"""Foreign word to English."""
SHORTEST_ROOT, LONGEST_SIMPLE = 4, 6
"""Letters of the shortest word that may bear an ending, and of the longest that is not looked at as a compound."""
_ENDINGS = ("n", "en", "e", "s", "es", "er", "ern", "em", "x", "chen", "lein", "i")
"""What the words of the glossary take on in the plural, in other cases and as small ones."""
_ENGLISH_TOO = frozenset(
    """die des la e y crane chat file fin gras sin sole sol mar ala con due tau rune lys plume pluma serpent corona
    cane greca rosa rosas rand mer damas champignon dauphin epee cruz faro klee lune ast api espada lobo im
    berge comme dans antik neige ange ramo raisins garbe spine mandel vrille cerise cut taille velours tapis
    tricot bogen seta glace regen ente coq velo roman romano diamant cristal pierre haus vieux alt entre ein
    campana gallo pulpo eau foret gobelin kraken cloche pomme rayo levant mela rueda castillo indien eclair
    canard diamante trinidad mein mouton hahn stein ogive torsade laub chateau maison lapin colonne meiner
    ente hexe moulin fur pour grund""".split()
)
"""Words that are English (or names) as well: translated only beside another foreign word."""
_JOINTS = ("", "s", "n", "en", "er", "es")


def _listed(word: str) -> str | None:
    """A word of the glossary as it stands, with ae, oe, ue for its umlauts, or with an ending."""
    plain = word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    for form in dict.fromkeys((word, plain)):
        if form in GLOSSARY:
            return form
    for form in dict.fromkeys((word, plain)):
        for ending in _ENDINGS:
            stem = form.removesuffix(ending)
            for root in (stem, stem + "e") if len(stem) >= SHORTEST_ROOT and stem != form else ():
                if root in GLOSSARY and root not in _ENGLISH_TOO:
                    return root
    return None


def _compound(word: str) -> list[str]:
    """German compounds of two known words ('efeu' + 'ranke'), as English words; empty when there are none."""
    for cut in range(3, len(word) - 2):
        head, tail = word[:cut], word[cut:]
        for joint in _JOINTS:
            stem = head[: len(head) - len(joint)] if joint and head.endswith(joint) else head
            known = _listed(tail) if stem in GLOSSARY and len(tail) >= SHORTEST_ROOT else None
            if (not joint or head.endswith(joint)) and known:
                return [*GLOSSARY[stem].split(), *GLOSSARY[known].split()]
    return []


def _english(word: str) -> bool:
    """Whether the table has a word whole: it needs no translation."""
    table = load_table()
    return word in table.tokens or (word,) in table.phrases or (singular(word),) in table.phrases


def translated(word: str) -> list[str]:
    """The English words of one foreign word, of a form of it or of a German compound; empty where it is none."""
    if word in GLOSSARY:
        return GLOSSARY[word].split()
    if len(word) < SHORTEST_ROOT or not word.isalpha() or _english(word):
        return []
    known = _listed(word)
    if known is not None:
        return GLOSSARY[known].split()
    return _compound(word) if len(word) > LONGEST_SIMPLE else []


def translate(words: list[str]) -> list[str]:
    """English words for foreign ones; words that are English too only where something else is foreign."""
    known = [translated(word) for word in words]
    sure = any(found and word not in _ENGLISH_TOO for word, found in zip(words, known, strict=True))
    out: list[str] = []
    for word, found in zip(words, known, strict=True):
        out += found if found and (word not in _ENGLISH_TOO or sure) else [word]
    return out
