"""What alice and bruno were told before you came: sentences such as the product writes, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from carillon.notifications import Button
from carillon.server.demo.answers import PROPOSAL


@dataclass(frozen=True)
class Story:
    """A notification of the demonstration: `ago` before now, about `actor` (a user name)."""

    ago: timedelta
    title: str
    message: str = ""
    type: str = "event"
    severity: str = "info"
    actor: str = ""
    url: str = "/notifications"
    group_key: str = ""
    is_read: bool = False
    buttons: tuple[Button, ...] = ()


_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

STORIES: dict[str, tuple[Story, ...]] = {
    "alice": (
        Story(
            6 * _DAY,
            "Bienvenue sur Carillon, Alice",
            "Vos notifications arrivent ici, dans tous vos onglets, sans recharger la page.",
            type="system",
            severity="success",
            is_read=True,
        ),
        Story(4 * _DAY, "Votre séance avec Bruno Kouassi commençait à 10 h", actor="bruno", is_read=True),
        Story(
            3 * _DAY,
            "Robert Vasseur a mis à jour le chiffrage du lot menuiseries",
            "Révision C, 212 400 € hors taxes.",
            type="contact",
            actor="robert",
            is_read=True,
        ),
        Story(
            _DAY + 2 * _HOUR,
            "Compte rendu du comité interministériel est vérifié et disponible",
            "2,4 Mo",
            type="system",
            severity="success",
            is_read=True,
        ),
        Story(
            _DAY,
            "Thomas Nguyen-Baudelocque et vous vous êtes choisis",
            "Votre conversation est ouverte.",
            type="contact",
            actor="thomas",
            is_read=True,
        ),
        Story(
            5 * _HOUR,
            "Maintenance dimanche de 6 h à 6 h 20",
            "Carillon restera lisible, l’envoi reprendra tout seul.",
            type="system",
            severity="warning",
        ),
        Story(
            3 * _HOUR,
            "Maximilienne de La Rochefoucauld-Montbel vous a confié la tâche « Dimensionnement de la ventilation »",
            "Échéance mercredi.",
            actor="maximilienne",
        ),
        Story(
            _HOUR,
            "export-adhérents.xlsm a été refusé : les documents à macros ne sont pas acceptés",
            "Enregistrez-le en .xlsx, puis déposez-le de nouveau.",
            type="system",
            severity="error",
        ),
        Story(
            41 * _MINUTE,
            "Bruno Kouassi propose de déplacer votre séance à mardi 24 novembre, 17 h",
            actor="bruno",
            buttons=PROPOSAL,
        ),
        Story(
            31 * _MINUTE,
            "Awa Diallo a écrit dans Équipe lycée Jean-Moulin",
            "« Point à 16 h ? »",
            type="message",
            actor="awa",
            group_key="conversation:lycee",
        ),
        Story(
            25 * _MINUTE,
            "Jean-Christophe Hautecloque-Vandenbroucke a écrit dans Équipe lycée Jean-Moulin",
            "« D’accord, sous réserve du désenfumage. »",
            type="message",
            actor="jean-christophe",
            group_key="conversation:lycee",
        ),
        Story(
            22 * _MINUTE,
            "Inès Benkirane a écrit dans Équipe lycée Jean-Moulin",
            "« Je prends le lot électricité. »",
            type="message",
            actor="ines",
            group_key="conversation:lycee",
        ),
        Story(18 * _MINUTE, "Sophie Lemaire a aimé votre profil", type="contact", actor="sophie"),
        Story(
            2 * _MINUTE,
            "Awa Diallo vous mentionne dans Réhabilitation du lycée Jean-Moulin",
            "« @Alice, peux-tu vérifier le calcul des déperditions de la façade nord avant lundi ? »",
            type="message",
            actor="awa",
        ),
    ),
    "bruno": (
        Story(2 * _DAY, "Alice Fontaine a confirmé la séance de lundi à 10 h", actor="alice", is_read=True),
        Story(
            40 * _MINUTE,
            "Alice Fontaine vous a écrit",
            "« Merci pour les références, je les lis ce soir. »",
            type="message",
            actor="alice",
        ),
        Story(
            9 * _MINUTE,
            "Nadia Belkacem souhaite devenir votre mentorée",
            "Thermicienne, trois ans d’expérience.",
            type="contact",
            actor="nadia",
        ),
    ),
}
