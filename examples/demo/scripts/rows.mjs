/** What happened to Alice, in both languages: how long ago, whether it was read, and the notification itself. */

export const people = {
  alice: { id: "1", name: "Alice Fontaine", role: "Mentorée", avatar: "" },
  bruno: { id: "2", name: "Bruno Kouassi", role: "Mentor en énergie du bâtiment", avatar: "" },
  awa: { id: "11", name: "Awa Diallo", role: "", avatar: "" },
  max: { id: "12", name: "Maximilienne de La Rochefoucauld-Montbel", role: "", avatar: "" },
  jean: { id: "13", name: "Jean-Christophe Hautecloque-Vandenbroucke", role: "", avatar: "" },
  ines: { id: "14", name: "Inès Benkirane", role: "", avatar: "" },
  thomas: { id: "15", name: "Thomas Nguyen-Baudelocque", role: "", avatar: "" },
  layla: { id: "16", name: "ليلى حداد", role: "", avatar: "" },
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const rows = {
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
            { name: "accept", label: "Accepter", style: "primary" },
            { name: "keep", label: "Garder lundi", style: "" },
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
        data: {
          actions: [{ name: "see", label: "Ouvrir la tâche", style: "", url: "/taches/12" }],
          pressed: { name: "take", label: "Je m’en charge", text: "", at: "2026-11-21T10:00:00Z" },
        },
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
            { name: "accept", label: "Accept", style: "primary" },
            { name: "keep", label: "Keep Monday", style: "" },
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
        data: {
          actions: [{ name: "see", label: "Open the task", style: "", url: "/tasks/12" }],
          pressed: { name: "take", label: "I’ll take it", text: "", at: "2026-11-21T10:00:00Z" },
        },
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
