"""What was said in the demonstration before you came: conversations such as people have, oldest first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True)
class Said:
    """A message: `ago` before now, by `sender` (a user name), answering the message before it of that number."""

    ago: timedelta
    sender: str
    content: str
    answers: int | None = None
    reactions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Talk:
    """A conversation: its people, whose first one opened it, what they said, and how many of the last ones who has not read."""

    people: tuple[str, ...]
    said: tuple[Said, ...]
    title: str = ""
    kind: str = "direct"
    unread_by: dict[str, int] = field(default_factory=dict)


_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

TALKS = (
    Talk(
        ("maximilienne", "alice", "awa", "ines", "bruno", "jean-christophe"),
        (
            Said(
                3 * _DAY + 2 * _HOUR,
                "maximilienne",
                "Bonjour à toutes et à tous. Réunion de chantier **chaque mardi à 9 h**.",
            ),
            Said(3 * _DAY + _HOUR, "jean-christophe", "Bien noté. J’apporte le plan de désenfumage."),
            Said(3 * _DAY + _HOUR, "bruno", "J’y serai.", reactions=(("maximilienne", "👍"), ("alice", "👍"))),
            Said(
                _DAY + 5 * _HOUR,
                "awa",
                "Pour la façade nord, il nous manque encore :\n- l’épaisseur d’isolant\n- le détail des tableaux\n"
                "- l’avis du bureau de contrôle",
            ),
            Said(
                _DAY + 4 * _HOUR, "alice", "Je m’occupe du détail des tableaux.", answers=4, reactions=(("awa", "🙏"),)
            ),
            Said(
                _DAY + 3 * _HOUR, "ines", "Et moi du lot électricité, le plan est ici : https://example.org/plans/lot-7"
            ),
            Said(_HOUR, "jean-christophe", "D’accord, sous réserve du désenfumage."),
            Said(52 * _MINUTE, "ines", "Je prends le lot électricité."),
            Said(50 * _MINUTE, "ines", "Livraison vendredi, sauf imprévu."),
            Said(31 * _MINUTE, "awa", "Point à 16 h ?", reactions=(("ines", "👍"), ("bruno", "👍"))),
            Said(
                2 * _MINUTE,
                "awa",
                "@alice, peux-tu vérifier le calcul des déperditions de la façade nord avant lundi ?",
            ),
        ),
        title="Équipe lycée Jean-Moulin",
        kind="group",
        unread_by={"alice": 2, "bruno": 3},
    ),
    Talk(
        ("bruno", "alice"),
        (
            Said(2 * _DAY, "bruno", "Bonjour Alice, avez-vous pu lire la norme dont nous parlions ?"),
            Said(
                2 * _DAY - 10 * _MINUTE, "alice", "Oui, en partie. Le chapitre sur les *ponts thermiques* m’a éclairée."
            ),
            Said(_DAY, "alice", "Merci pour les références, je les lis ce soir."),
            Said(3 * _HOUR, "bruno", "On garde 15 h. Je vous envoie le lien.", reactions=(("alice", "👌"),)),
        ),
    ),
    Talk(
        ("thomas", "alice"),
        (Said(4 * _HOUR, "thomas", "Ravi ! Vous faites aussi de la thermique ?"),),
        unread_by={"alice": 1},
    ),
    Talk(
        ("alice", "maximilienne"),
        (
            Said(_DAY + 6 * _HOUR, "maximilienne", "Avez-vous reçu la note de synthèse ?"),
            Said(_DAY + 5 * _HOUR, "alice", "Bien reçue, je la lis aujourd’hui."),
        ),
    ),
    Talk(
        ("jean-christophe", "alice"),
        (
            Said(_DAY + 9 * _HOUR, "jean-christophe", "L’autorisation préfectorale est arrivée."),
            Said(_DAY + 8 * _HOUR, "alice", "Merci pour l’autorisation préfectorale !"),
        ),
    ),
    Talk(
        ("robert", "alice", "bruno", "sophie", "thomas", "nadia", "yuki"),
        (
            Said(5 * _DAY, "robert", "Le chiffrage du lot menuiseries passe en révision C."),
            Said(4 * _DAY, "sophie", "Merci Robert. @tous, relisez la page 4 avant jeudi, s’il vous plaît."),
            Said(4 * _DAY - _HOUR, "yuki", "Done, thanks! Page 4 looks good to me.", reactions=(("sophie", "🎉"),)),
        ),
        title="Comité de pilotage intercommunal",
        kind="room",
    ),
    Talk(("yuki", "alice"), (Said(3 * _DAY, "yuki", "Photo du chantier bois : https://example.org/photos/ossature"),)),
    Talk(
        ("nadia", "bruno"),
        (Said(9 * _HOUR, "nadia", "Bonjour Bruno, auriez-vous une heure cette semaine ?"),),
        unread_by={"bruno": 1},
    ),
    Talk(("nadia", "alice"), (Said(4 * _DAY, "nadia", "À lundi alors !"),)),
    Talk(
        ("robert", "alice"),
        (
            Said(9 * _DAY, "robert", "Le nouveau bordereau est dans le dossier."),
            Said(9 * _DAY - _HOUR, "alice", "Bien reçu, merci."),
        ),
    ),
    Talk(
        ("admin", "alice"),
        (
            Said(6 * _DAY, "admin", "Bienvenue Alice ! Écrivez-moi ici si quelque chose ne va pas."),
            Said(6 * _DAY - _HOUR, "alice", "Merci Camille, tout est clair."),
        ),
    ),
)
