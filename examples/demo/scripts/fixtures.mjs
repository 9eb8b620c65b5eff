/** People and notifications to look at: long names, every category and severity, read and unread, grouped, old. */

const people = {
  alice: { id: "1", name: "Alice Fontaine", role: "Mentorée", avatar: "" },
  bruno: { id: "2", name: "Bruno Kouassi", role: "Mentor en énergie du bâtiment", avatar: "" },
  awa: { id: "11", name: "Awa Diallo", role: "", avatar: "" },
  max: { id: "12", name: "Maximilienne de La Rochefoucauld-Montbel", role: "", avatar: "" },
  jean: { id: "13", name: "Jean-Christophe Hautecloque-Vandenbroucke", role: "", avatar: "" },
  ines: { id: "14", name: "Inès Benkirane", role: "", avatar: "" },
  thomas: { id: "15", name: "Thomas Nguyen-Baudelocque", role: "", avatar: "" },
  layla: { id: "16", name: "ليلى حداد", role: "", avatar: "" },
};

export const accounts = {
  fr: [
    { id: "1", username: "alice", name: "Alice Fontaine", role: "Mentorée", about: "Mentorée, membre de deux projets" },
    { id: "2", username: "bruno", name: "Bruno Kouassi", role: "Mentor", about: "Mentor en énergie du bâtiment" },
    { username: "admin", name: "Camille Roux", role: "Administration", about: "Administration" },
  ],
  en: [
    { username: "alice", name: "Alice Fontaine", role: "Mentee", about: "Mentee, member of two projects" },
    { username: "bruno", name: "Bruno Kouassi", role: "Mentor", about: "Mentor in building energy" },
    { username: "admin", name: "Camille Roux", role: "Administration", about: "Administration" },
  ],
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const rows = {
  fr: [
    [
      2 * MINUTE,
      false,
      {
        actor: people.awa,
        type: "message",
        title: "Awa Diallo vous mentionne dans Réhabilitation du lycée Jean-Moulin",
        message:
          "«\u00a0@Alice, peux-tu vérifier le calcul des déperditions de la façade nord avant lundi\u202f?\u00a0»",
        url: "/projets/lycee-jean-moulin",
      },
    ],
    [
      22 * MINUTE,
      false,
      {
        actor: people.ines,
        type: "message",
        group_key: "equipe",
        title: "Inès Benkirane a écrit dans Équipe lycée Jean-Moulin",
        message: "«\u00a0Je prends le lot électricité.\u00a0»",
        url: "/conversations/7",
      },
    ],
    [
      25 * MINUTE,
      false,
      {
        actor: people.jean,
        type: "message",
        group_key: "equipe",
        title: "Jean-Christophe Hautecloque-Vandenbroucke a écrit dans Équipe lycée Jean-Moulin",
        message: "«\u00a0D’accord, sous réserve du désenfumage.\u00a0»",
        url: "/conversations/7",
      },
    ],
    [
      31 * MINUTE,
      false,
      {
        actor: people.awa,
        type: "message",
        group_key: "equipe",
        title: "Awa Diallo a écrit dans Équipe lycée Jean-Moulin",
        message: "«\u00a0Point à 16\u00a0h\u202f?\u00a0»",
        url: "/conversations/7",
      },
    ],
    [
      41 * MINUTE,
      false,
      {
        actor: people.bruno,
        type: "event",
        title: "Bruno Kouassi propose de déplacer votre séance à mardi 24 novembre, 17\u00a0h",
        url: "/seances/3",
        data: {
          actions: [
            { label: "Accepter", url: "/seances/3/accepter" },
            { label: "Garder lundi", url: "/seances/3/garder" },
          ],
        },
      },
    ],
    [
      64 * MINUTE,
      false,
      {
        type: "system",
        severity: "error",
        title: "export-adhérents.xlsm a été refusé\u00a0: les documents à macros ne sont pas acceptés",
        message: "Enregistrez-le en .xlsx, puis déposez-le de nouveau.",
        url: "/fichiers",
      },
    ],
    [
      3 * HOUR,
      true,
      {
        actor: people.max,
        type: "event",
        title:
          "Maximilienne de La Rochefoucauld-Montbel vous a confié la tâche Dimensionnement de la ventilation double flux",
        url: "/taches/12",
      },
    ],
    [
      5 * HOUR,
      true,
      {
        type: "system",
        title:
          "Maintenance dimanche de 6\u00a0h à 6\u00a0h\u00a020\u00a0: Carillon restera lisible, l’envoi reprendra tout seul",
        url: "/annonces/4",
      },
    ],
    [
      7 * HOUR,
      true,
      {
        actor: people.layla,
        type: "contact",
        title: "ليلى حداد تطلب الانضمام إلى مشروعكم",
        message: "مرحبا أليس",
        url: "/contacts/16",
      },
    ],
    [
      26 * HOUR,
      true,
      {
        actor: people.thomas,
        type: "contact",
        title: "Thomas Nguyen-Baudelocque et vous vous êtes choisis",
        message: "Votre conversation est ouverte.",
        url: "/conversations/9",
      },
    ],
    [
      28 * HOUR,
      true,
      {
        type: "system",
        severity: "success",
        title: "Le compte rendu du comité interministériel est vérifié et disponible",
        url: "/fichiers/21",
      },
    ],
    [
      3 * DAY,
      false,
      {
        type: "system",
        severity: "warning",
        title: "Votre espace est rempli à 92\u00a0%",
        message: "Supprimez ce qui ne sert plus, ou demandez davantage de place.",
        url: "/fichiers",
      },
    ],
    [
      4 * DAY,
      true,
      {
        actor: people.bruno,
        type: "event",
        title: "Votre séance avec Bruno Kouassi commençait à 10\u00a0h",
        url: "/seances/2",
      },
    ],
    [
      33 * DAY,
      true,
      {
        actor: people.jean,
        type: "email",
        title:
          "Jean-Christophe Hautecloque-Vandenbroucke vous a transmis un compte rendu d’anticonstitutionnellement longue haleine interministérielle",
        message: "Voir pièce jointe.",
        url: "https://example.org/compte-rendu",
      },
    ],
  ],
  en: [
    [
      2 * MINUTE,
      false,
      {
        actor: people.awa,
        type: "message",
        title: "Awa Diallo mentioned you in Jean-Moulin school renovation",
        message: "“@Alice, could you check the heat-loss figures for the north façade before Monday?”",
        url: "/projects/jean-moulin",
      },
    ],
    [
      22 * MINUTE,
      false,
      {
        actor: people.ines,
        type: "message",
        group_key: "team",
        title: "Inès Benkirane wrote in Jean-Moulin team",
        message: "“I take the electrical package.”",
        url: "/conversations/7",
      },
    ],
    [
      25 * MINUTE,
      false,
      {
        actor: people.jean,
        type: "message",
        group_key: "team",
        title: "Jean-Christophe Hautecloque-Vandenbroucke wrote in Jean-Moulin team",
        message: "“Fine, smoke extraction permitting.”",
        url: "/conversations/7",
      },
    ],
    [
      41 * MINUTE,
      false,
      {
        actor: people.bruno,
        type: "event",
        title: "Bruno Kouassi would like to move your session to Tuesday 24 November, 5 pm",
        url: "/sessions/3",
        data: {
          actions: [
            { label: "Accept", url: "/sessions/3/accept" },
            { label: "Keep Monday", url: "/sessions/3/keep" },
          ],
        },
      },
    ],
    [
      64 * MINUTE,
      false,
      {
        type: "system",
        severity: "error",
        title: "export-members.xlsm was refused: documents with macros are not accepted",
        message: "Save it as .xlsx, then drop it again.",
        url: "/files",
      },
    ],
    [
      3 * HOUR,
      true,
      {
        actor: people.max,
        type: "event",
        title: "Maximilienne de La Rochefoucauld-Montbel assigned you Sizing of the heat-recovery ventilation",
        url: "/tasks/12",
      },
    ],
    [
      5 * HOUR,
      true,
      {
        type: "system",
        title: "Maintenance on Sunday from 6 to 6.20 am: Carillon stays readable, sending resumes by itself",
        url: "/news/4",
      },
    ],
    [
      26 * HOUR,
      true,
      {
        actor: people.thomas,
        type: "contact",
        title: "Thomas Nguyen-Baudelocque and you chose each other",
        message: "Your conversation is open.",
        url: "/conversations/9",
      },
    ],
    [
      28 * HOUR,
      true,
      {
        type: "system",
        severity: "success",
        title: "The minutes of the interministerial committee are checked and available",
        url: "/files/21",
      },
    ],
    [
      4 * DAY,
      true,
      { actor: people.bruno, type: "event", title: "Your session with Bruno Kouassi was at 10 am", url: "/sessions/2" },
    ],
  ],
};

function notification(number, age, isRead, now, part) {
  const at = new Date(now - age).toISOString();
  return {
    id: number.toString(16).padStart(12, "0"),
    number,
    type: "message",
    severity: "info",
    kind: "",
    title: "",
    message: "",
    url: "",
    icon: "",
    group_key: "",
    actor: null,
    data: {},
    message_id: "",
    is_read: isRead,
    is_seen: isRead,
    is_archived: false,
    snoozed_until: null,
    read_at: isRead ? at : null,
    created_at: at,
    ...part,
  };
}

/** The list of one language, `count` long: what is too little is made up by repeating. Highest number first. */
export function notifications(language, count, isAllUnread = false, now = Date.now()) {
  const source = rows[language];
  return Array.from({ length: count ?? source.length }, (_, index) => {
    const [age, isRead, part] = source[index % source.length];
    const round = Math.floor(index / source.length);
    const extra = round === 0 ? {} : { group_key: "" };
    return notification(
      1000 + (count ?? source.length) - index,
      age + round * 1.5 * DAY,
      !isAllUnread && (isRead || round > 2),
      now,
      { ...part, ...extra },
    );
  })
    .sort((one, other) => (one.created_at < other.created_at ? 1 : -1))
    .map((item, index, all) => ({
      ...item,
      number: 1000 + all.length - index,
      id: (1000 + all.length - index).toString(16).padStart(12, "0"),
    }));
}

/** One that comes while we look. */
export function arrival(language, number, now = Date.now()) {
  const text =
    language === "fr"
      ? "Bruno Kouassi a répondu à votre question sur la façade nord"
      : "Bruno Kouassi answered your question about the north façade";
  return notification(number, 0, false, now, { actor: people.bruno, title: text, url: "/conversations/3" });
}

export { people };
