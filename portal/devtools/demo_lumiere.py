"""Atelier Lumière : fleurs, photographies et bougies, à Paris. En euros, TVA comprise, payé en une fois."""

from decimal import Decimal

from portal.bookings.policy.cancellation import Kept
from portal.devtools.demo_accounts import LUMIERE as ACCOUNTS
from portal.devtools.demo_shapes import DemoAddOn, DemoBlackout, DemoBusiness, DemoPackage, one_free_move, tiers

_TERMS = """\
Réservation. Le prix est réglé en entier à la réservation ; la date est alors à vous. Nos prix s’entendent toutes \
taxes comprises (TVA 20 %).

Fleurs de saison. Nous composons avec ce que donnent les jardins cette semaine-là. Si une fleur manque, nous la \
remplaçons par une autre de la même couleur et du même esprit, jamais de moindre valeur.

Images. La galerie est prête six semaines après la fête. Vos photographies et votre film sont à vous ; nous n’en \
montrons rien sans votre accord.

Changer de date. Jusqu’à 60 jours avant, une fois, sans frais, selon les dates libres.

Annulation. Jusqu’à 90 jours avant, nous vous rendons la moitié du prix. Ensuite, les fleurs sont commandées et le \
prix nous reste acquis.
"""
_FLOWERS = ("fleurs-essentielles", "journee-complete")
_IMAGES = ("reportage-lumiere", "journee-complete", "film-de-mariage")

LUMIERE = DemoBusiness(
    fields={
        "slug": "atelier-lumiere",
        "name": "Atelier Lumière",
        "tagline": "Des fleurs, des images, et l’heure dorée",
        "intro": (
            "Nous sommes un petit atelier de la rue des Martyrs : une fleuriste, un photographe, une cinéaste. Nous"
            " fleurissons les mariages, nous les éclairons à la bougie, puis nous en gardons la lumière."
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
        "address": "41, rue des Martyrs, Paris",
        "terms": _TERMS,
        "brand_color": "#7C5C8A",
    },
    tax_rate_bp="2000",
    accounts=ACCOUNTS,
    resources=("Le calendrier de l’atelier",),
    packages=(
        DemoPackage(
            slug="fleurs-essentielles",
            name="Les fleurs essentielles",
            summary="Deux bouquets, quatre boutonnières, une couronne : livrés le matin, encore frais de rosée.",
            description=(
                "Pour un mariage à la mairie, ou pour ceux qui savent que l’essentiel tient dans une main. Nous parlons"
                " une demi-heure au téléphone : de la robe, du costume, du jardin de votre grand-mère. Le reste,"
                " confiez-le-nous.\n\nLe coursier sonne deux heures avant la cérémonie. Les tiges sont liées d’un ruban"
                " de soie teint à l’atelier."
            ),
            included=(
                "Deux bouquets de saison",
                "Quatre boutonnières et une couronne",
                "Un entretien au téléphone",
                "La livraison le matin même, dans Paris",
            ),
            cents=54_000,
            pictures=("fleurs-essentielles", "bouquet-et-lettre"),
        ),
        DemoPackage(
            slug="reportage-lumiere",
            name="Le reportage Lumière",
            summary="Une demi-journée d’images, de la mairie aux quais, et l’heure où la Seine devient rose.",
            description=(
                "Étienne photographie comme on prend des notes : vite, de près, sans interrompre. Il commence à la"
                " mairie, suit le vin d’honneur, puis vous emmène sur les quais à l’heure dorée, une demi-heure, tous"
                " les deux seulement.\n\nIl ne vous demandera pas de sauter en l’air."
            ),
            included=(
                "Six heures de reportage",
                "Environ 300 photographies retouchées",
                "Une promenade sur les quais au coucher du soleil",
                "Une galerie privée, pendant dix ans",
                "Trente tirages sur papier coton",
            ),
            cents=190_000,
            pictures=("reportage-lumiere", "bouquet-et-lettre", "hero"),
            max_guests=120,
        ),
        DemoPackage(
            slug="journee-complete",
            name="La journée complète",
            summary="Les fleurs, les tables, trois cents bougies et dix heures de reportage. La maison entière.",
            description=(
                "La veille, nous préparons ; le jour même, nous fleurissons, nous dressons, nous photographions ; à la"
                " nuit tombée, nous allumons. Les compositions sont basses, pour que l’on se voie ; les bougies sont"
                " hautes, pour que l’on soit beau.\n\nUn essai de table à l’atelier est compris : vous vous asseyez,"
                " nous allumons, vous décidez. Le lendemain, nous démontons ; les fleurs partent à l’hôpital"
                " Lariboisière."
            ),
            included=(
                "Les fleurs de la cérémonie et de douze tables",
                "Trois cents bougies de cire d’abeille",
                "Un essai de table à l’atelier",
                "Dix heures de reportage, environ 600 photographies",
                "Une équipe de cinq personnes, la veille et le jour",
                "Le démontage, le lendemain",
            ),
            cents=690_000,
            pictures=("journee-complete", "arche-fleurie", "bougies", "reportage-lumiere"),
            days=2,
            buffer_days=1,
            max_guests=100,
        ),
        DemoPackage(
            slug="film-de-mariage",
            name="Le film de mariage",
            summary="Seize minutes de cinéma, tournées en pellicule, projetées chez vous le premier hiver.",
            description=(
                "Camille filme en Super 16, sans drone et sans perche : des visages, des mains, le silence juste avant"
                " le oui. Elle monte tout l’automne, avec une musique que vous choisissez ensemble.\n\nEt un soir de"
                " décembre, elle vient chez vous avec le projecteur, le drap blanc et deux bobines. Invitez du monde."
            ),
            included=(
                "Une journée de tournage",
                "Un film de seize minutes, en Super 16",
                "Tous les rushes, numérisés en haute définition",
                "Une projection chez vous, en Île-de-France",
            ),
            cents=340_000,
            pictures=("film-de-mariage", "hero", "bougies"),
            max_guests=200,
        ),
    ),
    add_ons=(
        DemoAddOn("Couronne de fleurs", "Jasmin, lierre fin et petites roses.", 8_500, 8, _FLOWERS),
        DemoAddOn("Boutonnière", "Pour les pères, les frères et les oncles qui y tiennent.", 1_800, 20, _FLOWERS),
        DemoAddOn("Cent bougies de plus", "On n’en a jamais trop.", 22_000, 5, ("journee-complete",)),
        DemoAddOn("Album relié", "Quarante pages cousues à la main, couverture de lin.", 46_000, 3, _IMAGES),
        DemoAddOn("Une heure de plus", "Quand la fête est trop belle pour rentrer.", 24_000, 4, _IMAGES),
        DemoAddOn(
            "Le bouquet sous cloche",
            "Nous reprenons votre bouquet le lendemain et vous le rendons séché, six semaines plus tard.",
            14_500,
        ),
    ),
    cancellation=tiers((90, 50), kept=Kept.NOTHING),
    moving=one_free_move(60),
    blackouts=(
        DemoBlackout(-30, 4, "Salon des métiers d’art"),
        DemoBlackout(35, 2, "Inventaire"),
        DemoBlackout((2, 10), 6, "Saint-Valentin : tout Paris veut des roses"),
        DemoBlackout((8, 1), 21, "Fermeture d’été"),
    ),
)
