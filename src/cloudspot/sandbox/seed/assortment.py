"""What the companies of the sandbox sell: category tree, nouns, sizes and texts, in Dutch and French."""

from __future__ import annotations

from typing import NamedTuple

Pair = tuple[str, str]
"""The same text in Dutch and in French."""


class Line(NamedTuple):
    """A category that holds products, and what its products are like."""

    path: tuple[Pair, ...]
    btw: int
    """VAT rate, %, as Belgium has it for these goods."""
    cents: tuple[int, int]
    """Least and most a piece costs to buy, excluding VAT."""
    nouns: tuple[Pair, ...]
    sizes: tuple[str, ...]
    made_of: tuple[Pair, ...]
    use: Pair
    virtual: bool = False
    """Sold as a download: no stock, no barcode."""


VOEDING = ("Voeding", "Alimentation")
DRANKEN = ("Dranken", "Boissons")
KRUIDENIER = ("Kruidenierswaren", "Épicerie")
DOEHETZELF = ("Doe-het-zelf", "Bricolage")
BEVESTIGING = ("Bevestiging", "Fixation")
SCHROEVEN = ("Schroeven & vijzen", "Vis & boulons")
GEREEDSCHAP = ("Gereedschap", "Outillage")
VERPAKKING = ("Verpakking", "Emballage")
HUIS = ("Huis & tuin", "Maison & jardin")
TUIN = ("Tuin", "Jardin")
VERLICHTING = ("Verlichting", "Éclairage")
LAMPEN = ("Lampen", "Lampes")
ELEKTRO = ("Elektro", "Électricité")
LEZEN = ("Lezen & leren", "Lecture & formation")

RECHTS = ("Kist en vijs horen samen.", "Caisse et vis vont ensemble.")

LINES: tuple[Line, ...] = (
    Line(
        (VOEDING, DRANKEN, ("Koffie", "Café")),
        6,
        (310, 1450),
        (
            ("Koffiebonen Espresso", "Café en grains Espresso"),
            ("Gemalen koffie Dessert", "Café moulu Dessert"),
            ("Koffiepads Mild", "Dosettes de café doux"),
            ("Cafeïnevrije koffie", "Café décaféiné"),
        ),
        ("250 g", "500 g", "1 kg", "36 stuks"),
        (
            ("100 % arabica uit Honduras", "100 % arabica du Honduras"),
            ("arabica en robusta, traag gebrand", "arabica et robusta, torréfaction lente"),
        ),
        ("Gebruik 7 g per kop en water van 92 °C.", "Utilisez 7 g par tasse et de l'eau à 92 °C."),
    ),
    Line(
        (VOEDING, DRANKEN, ("Thee", "Thé")),
        6,
        (180, 990),
        (
            ("Groene thee Sencha", "Thé vert Sencha"),
            ("Rooibos met vanille", "Rooibos à la vanille"),
            ("Muntthee", "Thé à la menthe"),
        ),
        ("20 builtjes", "50 builtjes", "100 g los"),
        (
            ("theeblad, natuurlijk aroma", "feuilles de thé, arôme naturel"),
            ("kruiden uit biologische teelt", "herbes issues de l'agriculture biologique"),
        ),
        ("Laat 3 tot 5 minuten trekken.", "Laissez infuser 3 à 5 minutes."),
    ),
    Line(
        (VOEDING, DRANKEN, ("Bier & wijn", "Bières & vins"), ("Bier", "Bières")),
        21,
        (95, 540),
        (
            ("Tripel van 't vat", "Triple au fût"),
            ("Oude geuze", "Vieille gueuze"),
            ("Blond abdijbier", "Bière d'abbaye blonde"),
        ),
        ("33 cl", "75 cl", "bak 24 × 33 cl"),
        (
            ("water, gerstemout, hop, gist", "eau, malt d'orge, houblon, levure"),
            ("water, tarwe, gerstemout, koriander", "eau, froment, malt d'orge, coriandre"),
        ),
        ("Koel bewaren, rechtop schenken op 6 à 8 °C.", "Conserver au frais, servir entre 6 et 8 °C."),
    ),
    Line(
        (VOEDING, KRUIDENIER, ("Chocolade & koekjes", "Chocolat & biscuits")),
        6,
        (120, 1190),
        (
            ("Pure chocolade 72 %", "Chocolat noir 72 %"),
            ("Speculoos", "Spéculoos"),
            ("Pralines assortiment", "Assortiment de pralines"),
            ("Botergalletten", "Galettes au beurre"),
        ),
        ("100 g", "250 g", "doos 500 g"),
        (
            ("cacaomassa, suiker, cacaoboter, **soja**", "pâte de cacao, sucre, beurre de cacao, **soja**"),
            ("**tarwe**bloem, suiker, **boter**, kaneel", "farine de **blé**, sucre, **beurre**, cannelle"),
        ),
        ("Droog en donker bewaren, 16 à 18 °C.", "Conserver au sec et à l'abri de la lumière, 16 à 18 °C."),
    ),
    Line(
        (VOEDING, KRUIDENIER, ("Margarine & vetten", "Margarines & graisses")),
        12,
        (140, 690),
        (("Plantaardige margarine", "Margarine végétale"), ("Bakmargarine", "Margarine de cuisson")),
        ("250 g", "500 g", "emmer 5 kg"),
        (("zonnebloem- en raapzaadolie, water", "huiles de tournesol et de colza, eau"),),
        ("Geschikt om te bakken en te smeren.", "Convient à la cuisson et à tartiner."),
    ),
    Line(
        (VOEDING, KRUIDENIER, ("Pasta & rijst", "Pâtes & riz")),
        6,
        (85, 480),
        (("Spaghetti n° 5", "Spaghetti n° 5"), ("Basmatirijst", "Riz basmati"), ("Volkoren penne", "Penne complètes")),
        ("500 g", "1 kg", "5 kg"),
        (
            ("griesmeel van harde **tarwe**", "semoule de **blé** dur"),
            ("rijst uit de Punjab", "riz du Pendjab"),
        ),
        ("Kook 9 à 11 minuten in gezouten water.", "Cuire 9 à 11 minutes dans de l'eau salée."),
    ),
    Line(
        (DOEHETZELF, BEVESTIGING, SCHROEVEN, ("Houtschroeven", "Vis à bois")),
        21,
        (210, 2650),
        (
            ("Houtschroef verzonken kop TX20", "Vis à bois tête fraisée TX20"),
            ("Terrasschroef inox A2", "Vis de terrasse inox A2"),
            ("Spaanplaatschroef verzinkt", "Vis agglo zinguée"),
        ),
        ("4 × 40 mm (200 st.)", "5 × 60 mm (100 st.)", "6 × 120 mm (50 st.)"),
        (("gehard staal, verzinkt", "acier trempé, zingué"), ("inox A2 (AISI 304)", "inox A2 (AISI 304)")),
        ("Voorboren in hardhout met een boor van 3 mm.", "Préforez le bois dur avec une mèche de 3 mm."),
    ),
    Line(
        (DOEHETZELF, BEVESTIGING, SCHROEVEN, ("Bouten & moeren", "Boulons & écrous")),
        21,
        (150, 1990),
        (("Zeskantbout 8.8", "Boulon hexagonal 8.8"), ("Borgmoer DIN 985", "Écrou frein DIN 985")),
        ("M6 (100 st.)", "M8 × 40 (50 st.)", "M12 × 80 (20 st.)"),
        (("staal klasse 8.8", "acier classe 8.8"),),
        ("Aandraaien met het opgegeven koppel.", "Serrer au couple indiqué."),
    ),
    Line(
        (DOEHETZELF, BEVESTIGING, ("Pluggen & ankers", "Chevilles & ancrages")),
        21,
        (240, 3490),
        (("Nylonplug universeel", "Cheville universelle en nylon"), ("Keilbout", "Goujon d'ancrage")),
        ("6 mm (100 st.)", "8 mm (100 st.)", "M10 × 90 (25 st.)"),
        (("polyamide PA6", "polyamide PA6"),),
        ("Boorgat stofvrij maken vóór plaatsing.", "Dépoussiérer le trou avant la pose."),
    ),
    Line(
        (DOEHETZELF, GEREEDSCHAP, ("Handgereedschap", "Outillage à main")),
        21,
        (390, 8900),
        (
            ("Klauwhamer 450 g", "Marteau arrache-clou 450 g"),
            ("Schroevendraaierset", "Jeu de tournevis"),
            ("Combinatietang", "Pince universelle"),
            ("Waterpas aluminium", "Niveau en aluminium"),
        ),
        ("180 mm", "6-delig", "60 cm", "100 cm"),
        (("chroomvanadiumstaal, tweecomponentengreep", "acier chrome-vanadium, manche bimatière"),),
        ("Draag een veiligheidsbril.", "Portez des lunettes de protection."),
    ),
    Line(
        (DOEHETZELF, GEREEDSCHAP, ("Machines", "Machines"), ("Boormachines", "Perceuses")),
        21,
        (4900, 38900),
        (
            ("Accuschroefmachine 18 V", "Visseuse sans fil 18 V"),
            ("Klopboormachine 850 W", "Perceuse à percussion 850 W"),
        ),
        ("met koffer", "zonder accu", "2 × 4,0 Ah"),
        (("behuizing in versterkt nylon, borstelloze motor", "boîtier en nylon renforcé, moteur sans charbons"),),
        ("Lees vóór gebruik de handleiding.", "Lisez le mode d'emploi avant utilisation."),
    ),
    Line(
        (VERPAKKING, ("Kisten", "Caisses"), ("Houten kisten", "Caisses en bois")),
        21,
        (690, 12900),
        (("Houten kist met deksel", "Caisse en bois avec couvercle"), ("Wijnkist", "Caisse à vin")),
        ("30 × 20 × 15 cm", "60 × 40 × 30 cm", "6 flessen"),
        (("populierenmultiplex, ISPM 15", "contreplaqué de peuplier, NIMP 15"),),
        ("Maximaal 80 kg, niet stapelen in de regen.", "80 kg maximum, ne pas empiler sous la pluie."),
    ),
    Line(
        (VERPAKKING, ("Dozen", "Boîtes")),
        21,
        (35, 890),
        (("Kartonnen doos dubbele golf", "Boîte en carton double cannelure"), ("Postpakketdoos", "Boîte postale")),
        ("200 × 150 × 100 mm", "400 × 300 × 250 mm", "per 25"),
        (("80 % gerecycleerd karton", "carton recyclé à 80 %"),),
        ("Vlak geleverd, in tien seconden gevouwen.", "Livré à plat, monté en dix secondes."),
    ),
    Line(
        (HUIS, TUIN, ("Gewasbescherming", "Protection des plantes")),
        12,
        (590, 4490),
        (("Slakkenkorrels", "Granulés anti-limaces"), ("Fungicide voor rozen", "Fongicide pour rosiers")),
        ("500 ml", "1 kg", "5 l"),
        (("ijzer(III)fosfaat 29,7 g/kg", "phosphate ferrique 29,7 g/kg"),),
        ("Gebruik veilig. Lees altijd het etiket.", "Utilisez avec précaution. Lisez l'étiquette."),
    ),
    Line(
        (HUIS, TUIN, ("Planten & zaden", "Plantes & semences")),
        6,
        (110, 2990),
        (("Zaad pompoen Hokkaido", "Semences de potimarron"), ("Lavendel in pot", "Lavande en pot"), ("Buxus", "Buis")),
        ("zakje", "ø 12 cm", "40–60 cm"),
        (("veenvrije potgrond", "terreau sans tourbe"),),
        ("Na half mei buiten planten; matig water geven.", "Planter dehors après la mi-mai; arroser peu."),
    ),
    Line(
        (HUIS, ("Poetsen", "Entretien")),
        21,
        (150, 2290),
        (("Allesreiniger citroen", "Nettoyant multi-usages citron"), ("Bruine zeep", "Savon noir")),
        ("750 ml", "1 l", "bidon 5 l"),
        (("< 5 % niet-ionogene oppervlakteactieve stoffen", "< 5 % agents de surface non ioniques"),),
        ("Eén dop per emmer lauw water.", "Un bouchon par seau d'eau tiède."),
    ),
    Line(
        (VERLICHTING, LAMPEN, ("Ledlampen", "Ampoules LED")),
        21,
        (180, 2490),
        (("Ledlamp peer mat", "Ampoule LED standard mate"), ("Ledspot dimbaar", "Spot LED dimmable")),
        ("E27 8 W", "E14 4,5 W", "GU10 5 W"),
        (("glas, aluminium, printplaat", "verre, aluminium, circuit imprimé"),),
        ("Vervang alleen bij uitgeschakelde stroom.", "Remplacer hors tension uniquement."),
    ),
    Line(
        (VERLICHTING, LAMPEN, ("Decoratief", "Décoratif"), ("Filament", "Filament")),
        21,
        (490, 3990),
        (("Filamentlamp globe", "Ampoule filament globe"), ("Kooldraadlamp Edison", "Ampoule à filament Edison")),
        ("ø 95 mm", "ø 125 mm", "ST64"),
        (("rookglas, messing fitting", "verre fumé, culot en laiton"),),
        ("Niet geschikt voor gesloten armaturen.", "Ne convient pas aux luminaires fermés."),
    ),
    Line(
        (VERLICHTING, ("Armaturen", "Luminaires")),
        21,
        (2490, 45900),
        (("Hanglamp Lampe", "Suspension Lampe"), ("Wandlamp buiten IP54", "Applique extérieure IP54")),
        ("zwart", "wit", "messing"),
        (("gepoedercoat aluminium", "aluminium thermolaqué"),),
        ("Plaatsing door een vakman.", "Installation par un professionnel."),
    ),
    Line(
        (ELEKTRO, ("Schakelmateriaal", "Appareillage")),
        21,
        (290, 4990),
        (
            ("Stopcontact met kinderbeveiliging", "Prise avec sécurité enfants"),
            ("Dimmer universeel", "Variateur universel"),
        ),
        ("wit", "antraciet", "inbouw"),
        (("polycarbonaat, halogeenvrij", "polycarbonate, sans halogène"),),
        ("Schakel de zekering uit vóór montage.", "Coupez le fusible avant le montage."),
    ),
    Line(
        (LEZEN, ("Kranten & tijdschriften", "Journaux & magazines")),
        0,
        (90, 490),
        (("Dagblad De Vijs", "Quotidien La Vis"), ("Weekblad Het Kistje", "Hebdo Le Coffret")),
        ("los nummer", "weekend", "bundel 10"),
        (("krantenpapier uit Europa", "papier journal européen"),),
        RECHTS,
    ),
    Line(
        (LEZEN, ("Handleidingen & e-books", "Manuels & e-books")),
        6,
        (250, 2990),
        (
            ("E-book Hout verbinden", "E-book Assembler le bois"),
            ("Lichtplan in tien stappen", "Plan lumière en dix étapes"),
        ),
        ("pdf", "epub", "pdf + epub"),
        (("132 bladzijden, zonder kopieerbeveiliging", "132 pages, sans verrou numérique"),),
        ("Download direct na betaling.", "Téléchargement immédiat après paiement."),
        virtual=True,
    ),
)

BRANDS = (
    "Vanderkist", "Schroefmeesters", "L'Atelier Dubois", "Noordzee Koffiebranders", "Brouwerij De Drie Vijzen",
    "Maison Lumen", "Halle & Zonen", "Ø-Licht", "Ardenne Nature", "Kempisch Goed", "Huismerk", "TechnoFix",
    "Chocolaterie Peeters", "De Groene Duim", "Batibouw Pro", "Sint-Joris",
)  # fmt: skip

QUALITIES = (
    ("degelijk", "solide"), ("duurzaam", "durable"), ("lokaal gemaakt", "fabriqué localement"),
    ("vakkundig afgewerkt", "soigneusement fini"), ("prijsbewust", "économique"), ("vernieuwd", "renouvelé"),
)  # fmt: skip

SENTENCES: tuple[Pair, ...] = (
    ("Al jaren een vaste waarde bij onze klanten, in de winkel en online.",
     "Une valeur sûre pour nos clients depuis des années, en magasin et en ligne."),
    ("Geleverd in een stevige verpakking die u kan hergebruiken of bij het papier kan zetten.",
     "Livré dans un emballage solide, à réutiliser ou à trier avec les papiers-cartons."),
    ("Besteld vóór 16 uur is morgen in huis, van Oostende tot Aarlen.",
     "Commandé avant 16 heures, livré demain, d'Ostende à Arlon."),
    ("Ons team testte dit product drie maanden lang en was meteen overtuigd.",
     "Notre équipe a testé ce produit pendant trois mois et a été conquise."),
    ("Nog vragen? Bel ons gerust, we helpen u graag verder.",
     "Des questions? Appelez-nous, nous vous aidons volontiers."),
    ("Ook verkrijgbaar in grotere hoeveelheden; vraag naar onze staffelprijzen.",
     "Disponible aussi en plus grandes quantités; demandez nos prix dégressifs."),
    ("De kleur kan licht afwijken van de foto's.",
     "La couleur peut différer légèrement des photos."),
    ("Gemaakt in een familiebedrijf dat al drie generaties hetzelfde vak beoefent.",
     "Fabriqué par une entreprise familiale qui exerce le même métier depuis trois générations."),
)  # fmt: skip

NOTES = (
    "Leverancier levert enkel op dinsdag.", "Prijs herzien in het voorjaar.", 'Niet promoten: "oude" verpakking.',
    "Attention: nouvelle étiquette dès la prochaine livraison.", "Let op de houdbaarheid!\nRek 3, onderste plank.",
)  # fmt: skip

MORE_INFO: tuple[Pair, ...] = (
    ("Twee jaar garantie op fabricagefouten.", "Deux ans de garantie contre les défauts de fabrication."),
    ("Recupel- en Bebatbijdrage inbegrepen.", "Contributions Recupel et Bebat comprises."),
    ("Gewicht en afmetingen zijn richtwaarden.", "Poids et dimensions à titre indicatif."),
)  # fmt: skip
