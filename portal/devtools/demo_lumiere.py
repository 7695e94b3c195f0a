"""Atelier Lumière : fleurs et bougies, à Paris. En euros, TVA comprise, payé en une fois ; tout y est en français."""

from decimal import Decimal

from portal.devtools.demo_accounts import LUMIERE as ACCOUNTS
from portal.devtools.demo_shapes import DemoAddOn, DemoBlackout, DemoBusiness, DemoPackage

_TERMS = """\
Réservation. Le prix est réglé en entier à la réservation ; la date est alors à vous. Nos prix s’entendent toutes taxes \
comprises (TVA 20 %).

Fleurs de saison. Nous composons avec ce que donnent les jardins cette semaine-là. Si une fleur manque, nous la \
remplaçons par une autre de la même couleur et du même esprit, jamais de moindre valeur.

Changer de date. Jusqu’à 60 jours avant, une fois, sans frais, selon les dates libres.

Annulation. Jusqu’à 90 jours avant, nous vous rendons la moitié du prix. Ensuite, les fleurs sont commandées et le prix \
nous reste acquis.

Livraison et installation sont comprises dans Paris et à moins de 40 kilomètres.
"""

LUMIERE = DemoBusiness(
    fields={
        "slug": "atelier-lumiere",
        "name": "Atelier Lumière",
        "tagline": "Des fleurs, des bougies, et l’heure dorée",
        "intro": (
            "Nous sommes un petit atelier de la rue des Martyrs. Nous fleurissons les mariages avec les jardins"
            " d’Île-de-France, et nous les éclairons à la bougie : une table doit sentir bon, et donner bonne mine."
        ),
        "timezone": "Europe/Paris",
        "currency": "EUR",
        "locale": "fr_FR",
        "tax_mode": "inclusive",
        "tax_label": "TVA",
        "deposit_percent": None,
        "balance_due_days": 30,
        "commission_percent": Decimal("3.50"),
        "contact_email": "bonjour@atelier-lumiere.example",
        "contact_phone": "+33 1 99 00 47 12",
        "address": "41, rue des Martyrs, 75009 Paris",
        "terms": _TERMS,
        "brand_color": "#7C5C8A",
        "hero_alt": "Un bouquet de pivoines et de jasmin sur une table, dans la lumière du soir",
    },
    tax_rate_bp="2000",
    accounts=ACCOUNTS,
    hero="lumiere-hero",
    resources=("Le calendrier de l’atelier",),
    packages=(
        DemoPackage(
            slug="bouquet-des-maries",
            name="Le bouquet des mariés",
            summary="Deux bouquets, deux boutonnières, livrés le matin même, encore frais de rosée.",
            description=(
                "Pour un mariage à la mairie, ou pour ceux qui savent que l’essentiel tient dans une main. Nous parlons"
                " une demi-heure au téléphone : de la robe, du costume, du jardin de votre grand-mère. Le reste,"
                " confiez-le-nous.\n\nLe coursier sonne deux heures avant la cérémonie. Les tiges sont liées d’un ruban"
                " de soie teint à l’atelier."
            ),
            included=(
                "Deux bouquets de saison",
                "Deux boutonnières, et deux de plus au cas où",
                "Un entretien au téléphone",
                "La livraison le matin même",
            ),
            cents=39_000,
            pictures=("lumiere-bouquet", "lumiere-ruban"),
        ),
        DemoPackage(
            slug="ceremonie-fleurie",
            name="La cérémonie fleurie",
            summary="Une arche, une allée, des pétales : le décor de votre oui.",
            description=(
                "Nous dessinons une arche pour le lieu, et non l’inverse : légère sous un tilleul, généreuse devant un mur"
                " de pierre. L’allée est semée de pétales, les bancs sont noués de verdure.\n\nNous arrivons à l’aube et"
                " repartons avant vos premiers invités. Il ne reste que le parfum."
            ),
            included=(
                "Une arche fleurie dessinée pour votre lieu",
                "Douze bouts de banc et une allée de pétales",
                "Les bouquets et les boutonnières des mariés",
                "L’installation et la reprise",
            ),
            cents=148_000,
            pictures=("lumiere-arche", "lumiere-allee", "lumiere-bouquet"),
            max_guests=150,
        ),
        DemoPackage(
            slug="tables-et-chandelles",
            name="Tables et chandelles",
            summary="Dix tables fleuries et trois cents bougies, pour un dîner où personne ne regarde l’heure.",
            description=(
                "Des compositions basses, pour que l’on se voie ; des bougies hautes, pour que l’on soit beau. Nous"
                " mêlons le verre ancien, la cire d’abeille et ce que le jardin a de plus odorant.\n\nUn essai de table à"
                " l’atelier est compris : vous vous asseyez, nous allumons, vous décidez."
            ),
            included=(
                "Des compositions pour dix tables de huit",
                "Trois cents bougies de cire d’abeille, dans leur verre",
                "Un essai de table à l’atelier",
                "L’allumage à la nuit tombée",
                "La reprise, tard dans la nuit",
            ),
            cents=265_000,
            pictures=("lumiere-table", "lumiere-bougies", "lumiere-verre"),
            max_guests=80,
        ),
        DemoPackage(
            slug="grande-scenographie",
            name="La grande scénographie",
            summary="Le lieu entier, du portail à la piste de danse. Trois jours de fleurs pour une nuit.",
            description=(
                "La veille, nous suspendons ; le jour même, nous fleurissons ; la nuit, nous éclairons. Plafonds de"
                " glycine, escaliers de mousse, un mur de roses qui s’ouvre sur le bal : nous composons votre fête comme"
                " on monte un opéra, mais en chuchotant.\n\nUne visite du lieu, trois esquisses à l’aquarelle, une équipe"
                " de huit. Le lendemain, nous démontons ; les fleurs partent à l’hôpital Lariboisière."
            ),
            included=(
                "Une visite du lieu et trois esquisses à l’aquarelle",
                "La cérémonie, le cocktail, le dîner et le bal",
                "Une équipe de huit fleuristes",
                "Deux jours sur place, puis le démontage",
                "Les bouquets et les boutonnières de tout le cortège",
            ),
            cents=690_000,
            pictures=("lumiere-scene", "lumiere-escalier", "lumiere-bougies", "lumiere-table"),
            days=2,
            buffer_days=1,
            max_guests=220,
        ),
        DemoPackage(
            slug="atelier-des-temoins",
            name="L’atelier des témoins",
            summary="La veille, autour de la grande table : douze amis, des ciseaux, et les bouquets du lendemain.",
            description=(
                "Nous recevons vos témoins à l’atelier pour une après-midi. Chacun compose un bouquet, boit un verre de"
                " chablis et apprend à ne plus étrangler les pivoines. Nous gardons les bouquets au frais et les livrons"
                " le lendemain.\n\nC’est notre formule la plus joyeuse, et la seule où l’on se coupe parfois."
            ),
            included=(
                "Trois heures à l’atelier pour douze personnes",
                "Toutes les fleurs et les outils",
                "Le verre de chablis, et le second",
                "La livraison des bouquets le lendemain",
            ),
            cents=72_000,
            pictures=("lumiere-atelier", "lumiere-ruban"),
            max_guests=12,
        ),
    ),
    add_ons=(
        DemoAddOn("Couronne de fleurs", "Jasmin, lierre fin et petites roses, montés sur un fil de soie.", 8_500, 8),
        DemoAddOn("Boutonnière supplémentaire", "Pour les pères, les frères et les oncles qui y tiennent.", 1_800, 20),
        DemoAddOn("Lustre de fleurs", "Suspendu au-dessus de la table d’honneur ; un mètre vingt de diamètre.", 54_000, 3, ("tables-et-chandelles", "grande-scenographie")),
        DemoAddOn("Cent bougies de plus", "On n’en a jamais trop.", 22_000, 5, ("ceremonie-fleurie", "tables-et-chandelles", "grande-scenographie")),
        DemoAddOn("Bouquet séché, sous cloche", "Nous reprenons votre bouquet le lendemain et vous le rendons six semaines plus tard, pour toujours.", 14_500),
    ),
    blackouts=(
        DemoBlackout(-30, 4, "Salon des métiers d’art"),
        DemoBlackout(35, 2, "Inventaire"),
        DemoBlackout(120, 6, "Saint-Valentin : tout Paris veut des roses"),
        DemoBlackout(250, 21, "Fermeture d’été"),
    ),
)  # fmt: skip
