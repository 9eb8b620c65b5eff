import type { Language } from "@carillon/react";
import type { RingButton, RingRequest } from "./client";

interface Example {
  readonly name: string;
  readonly draft: Partial<Omit<RingRequest, "username">>;
}

/** An answer in place; `demo/answers.py` of the server carries it out. */
export const PROPOSAL: readonly RingButton[] = [
  {
    name: "accept",
    label: { fr: "Accepter", en: "Accept" },
    command: "demo.move_session",
    data: { moves: true },
    style: "primary",
    done: { fr: "Séance déplacée à mardi, 17\u00a0h", en: "Session moved to Tuesday, 5 pm" },
  },
  {
    name: "keep",
    label: { fr: "Garder lundi", en: "Keep Monday" },
    command: "demo.move_session",
    data: { moves: false },
    style: "",
    done: { fr: "La séance reste lundi", en: "The session stays on Monday" },
  },
];

/** Sentences that a person would write, one for each category. */
export const EXAMPLES: Record<Language, readonly Example[]> = {
  fr: [
    {
      name: "Une mention",
      draft: {
        title: "Awa Diallo vous mentionne dans Réhabilitation du lycée Jean-Moulin",
        message: "«\u00a0Peux-tu vérifier le calcul des déperditions de la façade nord avant lundi\u202f?\u00a0»",
        type: "message",
        url: "/projets/lycee-jean-moulin",
      },
    },
    {
      name: "Un rendez-vous",
      draft: {
        title: "Bruno Kouassi propose de déplacer votre séance à mardi 24 novembre, 17\u00a0h",
        type: "event",
        url: "/seances/bilan-thermique",
        actor: "bruno",
        buttons: PROPOSAL,
      },
    },
    {
      name: "Un fichier refusé",
      draft: {
        title: "export-adhérents.xlsm a été refusé\u00a0: les documents à macros ne sont pas acceptés",
        message: "Enregistrez-le en .xlsx, puis déposez-le de nouveau.",
        type: "system",
        severity: "error",
        url: "/fichiers",
      },
    },
    {
      name: "Une annonce",
      draft: {
        title: "Maintenance dimanche de 6\u00a0h à 6\u00a0h\u00a020\u00a0: Carillon restera lisible",
        message: "L’envoi reprendra tout seul.",
        type: "system",
      },
    },
    {
      name: "Une bonne nouvelle",
      draft: {
        title: "Le compte rendu du comité interministériel est vérifié et disponible",
        type: "system",
        severity: "success",
        url: "/fichiers/compte-rendu",
      },
    },
  ],
  en: [
    {
      name: "A mention",
      draft: {
        title: "Awa Diallo mentioned you in Jean-Moulin school renovation",
        message: "“Could you check the heat-loss figures for the north façade before Monday?”",
        type: "message",
        url: "/projects/jean-moulin-school",
      },
    },
    {
      name: "An appointment",
      draft: {
        title: "Bruno Kouassi would like to move your session to Tuesday 24 November, 5 pm",
        type: "event",
        url: "/sessions/heat-balance",
        actor: "bruno",
        buttons: PROPOSAL,
      },
    },
    {
      name: "A refused file",
      draft: {
        title: "export-members.xlsm was refused: documents with macros are not accepted",
        message: "Save it as .xlsx, then drop it again.",
        type: "system",
        severity: "error",
        url: "/files",
      },
    },
    {
      name: "An announcement",
      draft: {
        title: "Maintenance on Sunday from 6 to 6.20 am: Carillon stays readable",
        message: "Sending resumes by itself.",
        type: "system",
      },
    },
    {
      name: "Good news",
      draft: {
        title: "The minutes of the interministerial committee are checked and available",
        type: "system",
        severity: "success",
        url: "/files/minutes",
      },
    },
  ],
};
