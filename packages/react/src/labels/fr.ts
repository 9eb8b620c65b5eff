import { atMost99, pluralOf } from "./plural.js";
import type { Labels } from "./types.js";

const locale = "fr-FR";
const plural = pluralOf(locale);
const number = new Intl.NumberFormat(locale);
const list = new Intl.ListFormat(locale, { type: "conjunction" });

/** French: narrow no-break space before `; ! ?`, no-break space before `:` and inside guillemets, ’ as apostrophe. */
export const fr: Labels = {
  locale,

  notifications: "Notifications",
  bell: (unread) =>
    unread === 0
      ? "Notifications\u00a0: aucune non lue"
      : `Notifications\u00a0: ${atMost99(unread)}\u00a0${plural(unread, "non lue", "non lues")}`,
  arrived: (count, title) =>
    count === 1
      ? `Nouvelle notification\u00a0: ${title}`
      : `${number.format(count)}\u00a0${plural(count, "nouvelle notification", "nouvelles notifications")}`,
  markAll: "Tout marquer comme lu",
  close: "Fermer",
  openInbox: "Ouvrir la boîte",
  filter: "Filtrer",
  all: "Tout",
  unread: "Non lues",
  newItems: (count) => `${number.format(count)}\u00a0${plural(count, "nouvelle", "nouvelles")}`,

  unreadPrefix: "Non lue. ",
  more: "Autres actions",
  markRead: "Marquer comme lue",
  markUnread: "Marquer comme non lue",
  snooze: "Mettre en veille",
  unsnooze: "Réveiller maintenant",
  archive: "Archiver",
  unarchive: "Remettre dans la boîte",
  remove: "Supprimer",
  withKey: (label, key) => `${label} (${key})`,
  snoozedUntil: (when) => `en veille jusqu’à ${when}`,
  types: {
    message: "Message",
    email: "E\u2011mail",
    contact: "Contact",
    event: "Agenda",
    system: "Système",
  },
  severities: { success: "Succès. ", warning: "Attention. ", error: "Échec. " },
  groupSummary: (count, people) =>
    `${number.format(count)}\u00a0${plural(count, "notification", "notifications")}\u00a0: ${people}`,
  groupPeople: (names, others) =>
    list.format(
      others === 0
        ? names
        : [...names, `${number.format(others)}\u00a0${plural(others, "autre personne", "autres personnes")}`],
    ),
  showGroup: (count) => `Voir les ${number.format(count)}`,
  hideGroup: "Replier",
  pending: "en attente d’envoi",
  chosen: (label) => `Votre réponse\u00a0: ${label}`,
  settled: "C’est déjà réglé",

  snoozeUntil: "Mettre en veille",
  inAnHour: "Pendant une heure",
  thisEvening: "Jusqu’à ce soir",
  tomorrowMorning: "Jusqu’à demain matin",
  nextMonday: "Jusqu’à lundi matin",

  undo: "Annuler",
  undone: "C’est rétabli.",
  archived: (count) => plural(count, "Notification archivée", `${number.format(count)}\u00a0notifications archivées`),
  unarchived: (count) =>
    plural(count, "Remise dans la boîte", `${number.format(count)}\u00a0notifications remises dans la boîte`),
  removed: (count) => plural(count, "Notification supprimée", `${number.format(count)}\u00a0notifications supprimées`),
  allRead: "Tout est marqué comme lu",
  snoozed: (when) => `En veille jusqu’à ${when}`,
  unsnoozed: "De retour dans la boîte",
  refused: {
    read: "Cette notification n’a pas pu être marquée comme lue. Réessayez dans un instant.",
    unread: "Cette notification n’a pas pu être marquée comme non lue. Réessayez dans un instant.",
    archive: "L’archivage n’a pas abouti\u00a0: la notification est revenue à sa place. Réessayez dans un instant.",
    unarchive: "La notification est restée dans les archives. Réessayez dans un instant.",
    snooze:
      "La mise en veille n’a pas abouti\u00a0: la notification est revenue à sa place. Réessayez dans un instant.",
    unsnooze: "La notification est restée en veille. Réessayez dans un instant.",
    remove: "La suppression n’a pas abouti\u00a0: la notification est revenue à sa place. Réessayez dans un instant.",
    readAll: "Les notifications n’ont pas pu être marquées comme lues. Réessayez dans un instant.",
    press: "Votre réponse n’a pas pu être enregistrée. Réessayez dans un instant.",
    undo: "L’annulation n’a pas abouti. Réessayez dans un instant.",
  },

  reconnecting: "Reconnexion…",
  offline: "Hors ligne. Ce que vous faites partira tout seul.",
  gaveUp: "Le serveur ne répond pas. Rien n’est perdu.",
  ended: "Votre session est terminée. Connectez-vous de nouveau.",
  retry: "Réessayer",

  loading: "Chargement des notifications",
  emptyInbox: { title: "Rien pour l’instant", text: "Ce qui arrivera s’affichera ici, sans recharger la page." },
  emptyUnread: { title: "Tout est lu", text: "Ce qui arrivera s’affichera ici, sans recharger la page." },
  emptyArchive: { title: "Aucune archive", text: "Ce que vous archivez se range ici et reste facile à retrouver." },
  emptySnoozed: {
    title: "Rien en veille",
    text: "Une notification mise en veille attend ici, puis revient dans la boîte à l’heure dite.",
  },
  emptySearch: (words) => ({
    title: `Aucun résultat pour «\u00a0${words}\u00a0»`,
    text: "Essayez un autre mot, ou cherchez dans une autre boîte.",
  }),
  failed: {
    title: "Vos notifications n’ont pas pu être chargées",
    text: "Le serveur n’a pas répondu. Rien n’est perdu\u00a0: elles vous attendent.",
  },
  forbidden: {
    title: "Ces notifications ne vous sont pas ouvertes",
    text: "Votre session a pu prendre fin. Connectez-vous de nouveau pour les retrouver.",
  },
  seeArchive: "Voir les archives",
  loadingMore: "Chargement de la suite…",
  moreFailed: "La suite n’a pas pu être chargée.",
  end: "Vous avez tout vu.",

  unreadCount: (unread) =>
    unread === 0 ? "Tout est lu" : `${number.format(unread)}\u00a0${plural(unread, "non lue", "non lues")}`,
  boxes: "Boîtes",
  inbox: "Boîte de réception",
  snoozedBox: "En veille",
  archiveBox: "Archives",
  search: "Rechercher",
  show: "Afficher",
  today: "Aujourd’hui",
  yesterday: "Hier",
  thisWeek: "Cette semaine",
  thisMonth: "Plus tôt ce mois-ci",
  now: "à l’instant",
  dayAt: (day, time) => `${day} à ${time}`,

  shortcuts: "Raccourcis",
  shortcutsTitle: "Raccourcis clavier",
  shortcutsOn: "Raccourcis actifs",
  keyNext: "Suivante",
  keyPrevious: "Précédente",
  keyOpen: "Ouvrir",
  keyRead: "Marquer lue ou non lue",
  keySearch: "Rechercher",
  keyHelp: "Cette aide",
  keyUndo: "Annuler",
  keyEnter: "Entrée",
  keyControl: "Ctrl",

  mute: "Couper le son",
  unmute: "Rétablir le son",
};
