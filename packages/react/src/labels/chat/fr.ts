import { pluralOf } from "../plural.js";
import type { ChatLabels } from "./types.js";

const locale = "fr-FR";
const plural = pluralOf(locale);
const number = new Intl.NumberFormat(locale);
const list = new Intl.ListFormat(locale, { type: "conjunction" });
const counted = (count: number, one: string, other: string) =>
  `${number.format(count)}\u00a0${plural(count, one, other)}`;
const listed = (names: readonly string[], others: number) =>
  list.format(others === 0 ? names : [...names, counted(others, "autre personne", "autres personnes")]);

const has = (isYou: boolean) => (isYou ? "avez" : "a");

/** The chat in French; no word of it says whether a person is a woman or a man. */
export const chatFr: ChatLabels = {
  chat: "Messagerie",
  conversations: "Conversations",
  newConversation: "Nouvelle conversation",
  searchConversations: "Rechercher dans les conversations",
  unreadMessages: (count) => counted(count, "message non lu", "messages non lus"),
  said: (name, words) => `${name}\u00a0: ${words}`,
  you: "Vous",
  youToo: "vous",
  draft: "Brouillon",
  mentioned: "on vous y mentionne",
  mutedHint: "en sourdine",
  someone: "Quelqu’un",
  untitled: "Conversation sans nom",
  deletedAccount: "Compte supprimé",
  aDeletedAccount: "un compte supprimé",

  presence: { online: "en ligne", away: "loin de l’écran", offline: "hors ligne" },
  lastSeen: (when) => `dernière visite ${when}`,
  members: (count) => counted(count, "membre", "membres"),
  membersOnline: (count, online) => `${counted(count, "membre", "membres")}, ${number.format(online)}\u00a0en ligne`,
  membersTitle: "Membres",
  typing: (names) =>
    names.length > 2
      ? "Plusieurs personnes écrivent…"
      : `${list.format(names)} ${plural(names.length, "écrit", "écrivent")}…`,
  roles: { owner: "responsable", admin: "co-responsable", member: "membre" },

  thread: "Fil de la conversation",
  messages: "Messages",
  newMessages: (count) => counted(count, "nouveau message", "nouveaux messages"),
  toFirstNew: (count) => `Aller au premier des ${counted(count, "nouveau message", "nouveaux messages")}`,
  toLatest: "Aller au plus récent",
  beginning: "La conversation commence ici.",
  at: (sentence, time) => `${sentence} à ${time}`,
  edited: "modifié",
  deletedMessage: "Message supprimé",
  olderMessage: "Un message antérieur",
  readBy: (names, others) => `Lu par ${listed(names, others)}`,
  reaction: (emoji, count, names) =>
    `${emoji}\u00a0${number.format(count)}\u00a0: ${listed(names, count - names.length)}`,
  waiting: "En attente, partira dès le retour de la connexion",
  notSent: (why) => `Non envoyé. ${why}`,
  notSentFor: {
    forbidden: "Vous ne pouvez pas écrire ici.",
    not_found: "Cette conversation ne vous est plus ouverte.",
  },
  discard: "Retirer",
  system: {
    created: (actor, _, title, isYou) =>
      title
        ? `${actor} ${has(isYou)} créé la conversation «\u00a0${title}\u00a0»`
        : `${actor} ${has(isYou)} ouvert la conversation`,
    member_added: (actor, people, _, isYou) => `${actor} ${has(isYou)} ajouté ${list.format(people)}`,
    member_removed: (actor, people, _, isYou) => `${actor} ${has(isYou)} retiré ${list.format(people)}`,
    member_left: (_, people) =>
      `${list.format(people)} ${plural(people.length, "a quitté", "ont quitté")} la conversation`,
    renamed: (actor, _, title, isYou) => `${actor} ${has(isYou)} renommé la conversation «\u00a0${title}\u00a0»`,
  },

  messageActions: "Actions sur le message",
  react: "Réagir",
  reply: "Répondre",
  editMessage: "Modifier",
  copyWords: "Copier le texte",
  deleteMessage: "Supprimer",
  copied: "Texte copié",
  messageDeleted: "Message supprimé",

  yourMessage: "Votre message",
  yourMessageTo: (title) => `Votre message à ${title}`,
  send: "Envoyer",
  save: "Enregistrer",
  replyingTo: (name) => `Réponse à ${name}\u00a0:`,
  editing: "Modification de votre message",
  stopReplying: "Ne plus répondre",
  stopEditing: "Ne plus modifier",
  tooLong: (over) => `${counted(over, "caractère", "caractères")} de trop`,
  charactersLeft: (left) => `Encore ${counted(left, "caractère", "caractères")}`,
  mention: "Mentionner",
  everyone: "Tout le monde",
  everyoneName: "tous",
  everyoneHint: "prévient tous les membres",
  mentionChoices: (count) => `${counted(count, "personne", "personnes")} à mentionner`,
  youBlock: (name) => `Vous avez bloqué ${name}. Débloquez pour lui écrire.`,
  deserted: "Cette personne n’a plus de compte\u00a0: vous ne pouvez plus lui écrire.",

  insertEmoji: "Insérer un emoji",
  searchEmoji: "Chercher un emoji",
  noEmoji: "Aucun emoji de ce nom.",
  emojiGroups: {
    faces: "Visages",
    people: "Gestes et personnes",
    nature: "Nature",
    food: "À table",
    doing: "Loisirs et voyages",
    things: "Objets",
    signs: "Signes",
  },

  back: "Retour aux conversations",
  options: "Options de la conversation",
  showMembers: "Voir les membres",
  muteConversation: "Mettre en sourdine",
  unmuteConversation: "Rétablir les notifications",
  muteFor: "Mettre en sourdine",
  forever: "Jusqu’à nouvel ordre",
  mutedUntil: (when) => `En sourdine jusqu’à ${when}`,
  mutedForever: "En sourdine jusqu’à nouvel ordre",
  unmuted: "Les notifications sont rétablies",
  rename: "Renommer",
  groupName: "Nom de la conversation",
  addPeople: "Ajouter des personnes",
  add: (count) => (count === 0 ? "Ajouter" : `Ajouter ${counted(count, "personne", "personnes")}`),
  leave: "Quitter la conversation",
  leaveTitle: (title) => `Quitter «\u00a0${title}\u00a0»\u202f?`,
  leaveText: "Vous ne recevrez plus ses messages. Un membre pourra vous y inviter de nouveau.",
  left: (title) => `Vous avez quitté «\u00a0${title}\u00a0»`,
  block: (name) => `Bloquer ${name}`,
  unblock: (name) => `Débloquer ${name}`,
  blockTitle: (name) => `Bloquer ${name}\u202f?`,
  blockText: (name) =>
    `${name} ne pourra plus vous écrire ici, ni vous à ${name}. Vous pourrez débloquer à tout moment.`,
  blocked: (name) => `${name} ne peut plus vous écrire`,
  unblocked: (name) => `${name} peut de nouveau vous écrire`,
  makeAdmin: "Nommer co-responsable",
  unmakeAdmin: "Retirer la co-responsabilité",
  removeMember: "Retirer de la conversation",
  actionsFor: (name) => `Actions pour ${name}`,
  writeTo: (name) => `Écrire à ${name}`,
  cancel: "Annuler",
  refusedChange: {
    edit: "Votre message n’a pas pu être modifié. Réessayez dans un instant.",
    delete: "Le message n’a pas pu être supprimé. Réessayez dans un instant.",
    react: "Votre réaction n’a pas pu être enregistrée. Réessayez dans un instant.",
    update: "La conversation n’a pas pu être renommée. Réessayez dans un instant.",
    mute: "Le réglage n’a pas pu être enregistré. Réessayez dans un instant.",
    leave: "Vous êtes toujours dans la conversation\u00a0: le départ n’a pas abouti. Réessayez dans un instant.",
    add_members: "Personne n’a pu être ajouté. Réessayez dans un instant.",
    remove_member: "Cette personne n’a pas pu être retirée. Réessayez dans un instant.",
    set_role: "Le rôle n’a pas pu être changé. Réessayez dans un instant.",
    block: "Cette personne n’a pas pu être bloquée. Réessayez dans un instant.",
    unblock: "Cette personne n’a pas pu être débloquée. Réessayez dans un instant.",
    create: "La conversation n’a pas pu être ouverte. Réessayez dans un instant.",
  },
  refusedFor: {
    forbidden: "Vous n’en avez pas le droit dans cette conversation.",
    conflict: "Ce n’est pas possible dans cette conversation.",
    gone: "Ce message a été supprimé entre-temps.",
  },

  findPeople: "Chercher une personne",
  people: "Personnes",
  chosenPeople: "Personnes choisies",
  takeBack: (name) => `Ne plus choisir ${name}`,
  startWriting: "Écrire",
  createGroup: "Créer la conversation",
  groupNameHint: "Facultatif. Sans nom, elle porte ceux de ses membres.",
  noPeople: "Il n’y a encore personne à qui écrire.",
  noPeopleFor: (words) => `Personne ne correspond à «\u00a0${words}\u00a0».`,
  peopleFailed: "La liste n’a pas pu être chargée.",
  loadingPeople: "Recherche…",
  showMore: "Voir la suite",
  peopleFound: (count) => counted(count, "personne", "personnes"),

  loadingConversations: "Chargement des conversations",
  loadingMessages: "Chargement des messages",
  emptyConversations: {
    title: "Aucune conversation",
    text: "Écrivez à quelqu’un\u00a0: ses réponses s’afficheront ici.",
  },
  noConversationFor: (words) => ({
    title: `Aucun résultat pour «\u00a0${words}\u00a0»`,
    text: "Essayez un autre nom.",
  }),
  conversationsFailed: {
    title: "Vos conversations n’ont pas pu être chargées",
    text: "Le serveur n’a pas répondu. Rien n’est perdu\u00a0: elles vous attendent.",
  },
  conversationsForbidden: {
    title: "Ces conversations ne vous sont pas ouvertes",
    text: "Votre session a pu prendre fin. Connectez-vous de nouveau pour les retrouver.",
  },
  emptyThread: (title, others) => ({
    title: "Rien encore ici",
    text:
      others > 1
        ? `Dites bonjour\u00a0: les ${counted(others, "autre membre", "autres membres")} le verront aussitôt.`
        : `Dites bonjour à ${title}.`,
  }),
  threadFailed: {
    title: "Cette conversation n’a pas pu être chargée",
    text: "Le serveur n’a pas répondu. Votre brouillon est gardé.",
  },
  goneThread: {
    title: "Cette conversation ne vous est pas ouverte",
    text: "Vous n’en êtes pas, ou plus, membre. Un de ses membres peut vous y inviter.",
  },
  chooseConversation: {
    title: "Choisissez une conversation",
    text: "Elle s’ouvre ici. Pour en commencer une, prenez le crayon en haut de la liste.",
  },

  keyMove: "Message précédent, suivant",
  keyEditLast: "Modifier votre dernier message (champ vide)",
  keyLeave: "Quitter la réponse, puis la conversation",
  keySend: "Envoyer",
  keyBreak: "Aller à la ligne",
  keyEscape: "Échap",
  keyShift: "Maj",
  enterSends: "Entrée envoie le message",
};
