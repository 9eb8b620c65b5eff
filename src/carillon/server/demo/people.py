"""Who is in the demonstration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoPerson:
    """A demo account; `about` is what the sign-in page says of those who may sign in."""

    username: str
    first_name: str
    last_name: str
    role: str
    about: str = ""
    language: str = "fr"
    is_superuser: bool = False

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


PEOPLE = (
    DemoPerson("alice", "Alice", "Fontaine", "Mentorée", "Mentorée, membre de deux projets"),
    DemoPerson("bruno", "Bruno", "Kouassi", "Mentor", "Mentor en énergie du bâtiment"),
    DemoPerson("admin", "Camille", "Roux", "Administration", "Administration", is_superuser=True),
    DemoPerson("awa", "Awa", "Diallo", "Cheffe de projet"),
    DemoPerson("ines", "Inès", "Benkirane", "Électricité"),
    DemoPerson("sophie", "Sophie", "Lemaire", "Architecte"),
    DemoPerson("thomas", "Thomas", "Nguyen-Baudelocque", "Acousticien"),
    DemoPerson("jean-christophe", "Jean-Christophe", "Hautecloque-Vandenbroucke", "Sécurité incendie"),
    DemoPerson("maximilienne", "Maximilienne", "de La Rochefoucauld-Montbel", "Maîtrise d’ouvrage"),
    DemoPerson("yuki", "Yuki", "Tanabe", "Structure bois", language="en"),
    DemoPerson("robert", "Robert", "Vasseur", "Économiste"),
    DemoPerson("nadia", "Nadia", "Belkacem", "Thermicienne"),
)

# Those who may sign in, with their name as password.
SIGN_IN = ("alice", "bruno", "admin")
