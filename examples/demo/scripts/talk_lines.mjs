/** The words of the conversations to look at, in both languages. */
import { DAY } from "./rows.mjs";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** In a group of six: [ago, who, words, more]. */
export const team = {
  fr: [
    [
      DAY + 3 * HOUR,
      "max",
      null,
      { system: { type: "created", actor: "max", people: [], title: "Équipe lycée Jean-Moulin" } },
    ],
    [
      DAY + 2 * HOUR,
      "jean",
      "Bonjour à toutes et à tous. La préfecture confirme l’autorisation, sous réserve du désenfumage de l’escalier B.",
    ],
    [
      DAY + 2 * HOUR - MINUTE,
      "jean",
      "Il nous manque encore\u00a0:\n- l’épaisseur d’isolant\n- le détail des tableaux\n- l’avis du **bureau de contrôle**",
      {
        reactions: [
          ["👍", ["alice", "ines", "awa"]],
          ["🎉", ["bruno"]],
        ],
      },
    ],
    [DAY + HOUR, "alice", "Merci Jean-Christophe, excellente nouvelle."],
    [
      DAY + HOUR - MINUTE,
      "alice",
      "Je reprends le calcul de la façade nord avec les nouveaux vitrages\u202f; résultat demain midi au plus tard.",
      { edited: true },
    ],
    [5 * HOUR, "max", null, { system: { type: "member_added", actor: "max", people: ["awa", "layla"], title: "" } }],
    [3 * HOUR, "ines", "", { deleted: true }],
    [3 * HOUR - MINUTE, "ines", "Je prends le lot électricité. Qui garde la ventilation\u202f?"],
    [2 * HOUR, "alice", "Moi. Et j’envoie les débits dès que j’ai la note.", { answers: 2 }],
    [90 * MINUTE, "layla", "مرحبا، سأرسل المخطط مساء اليوم."],
    [80 * MINUTE, "bruno", "👍"],
    [
      40 * MINUTE,
      "max",
      "> Livraison vendredi, sauf imprévu.\n\nPour le lancement\u00a0: `make visite` puis\n```\n2026-11-24 09:00  escalier B\n2026-11-24 10:30  façade nord\n```",
    ],
    [
      12 * MINUTE,
      "awa",
      "@Alice Fontaine, peux-tu vérifier le calcul des déperditions de la façade nord avant lundi\u202f? Il me manque les ponts thermiques.",
      { mentions: ["alice"] },
    ],
    [
      11 * MINUTE,
      "awa",
      "Le détail est là\u00a0: https://jean-moulin.example/façade-nord",
      { reactions: [["👀", ["ines", "bruno"]]] },
    ],
  ],
  en: [
    [DAY + 3 * HOUR, "max", null, { system: { type: "created", actor: "max", people: [], title: "Jean-Moulin team" } }],
    [
      DAY + 2 * HOUR,
      "jean",
      "Good morning everyone. The prefecture confirms the permit, provided stairwell B gets its smoke vents.",
    ],
    [
      DAY + 2 * HOUR - MINUTE,
      "jean",
      "We still need:\n- the thickness of the insulation\n- the detail of the window reveals\n- the opinion of the **control office**",
      {
        reactions: [
          ["👍", ["alice", "ines", "awa"]],
          ["🎉", ["bruno"]],
        ],
      },
    ],
    [DAY + HOUR, "alice", "Thank you Jean-Christophe, excellent news."],
    [
      DAY + HOUR - MINUTE,
      "alice",
      "I will redo the north façade with the new glazing; figures by noon tomorrow at the latest.",
      { edited: true },
    ],
    [5 * HOUR, "max", null, { system: { type: "member_added", actor: "max", people: ["awa", "layla"], title: "" } }],
    [3 * HOUR, "ines", "", { deleted: true }],
    [3 * HOUR - MINUTE, "ines", "I take the electrical package. Who keeps ventilation?"],
    [2 * HOUR, "alice", "I do. And I send the flow rates as soon as I have the note.", { answers: 2 }],
    [90 * MINUTE, "layla", "مرحبا، سأرسل المخطط مساء اليوم."],
    [80 * MINUTE, "bruno", "👍"],
    [
      40 * MINUTE,
      "max",
      "> Delivery on Friday, all being well.\n\nTo begin: `make visit`, then\n```\n2026-11-24 09:00  stairwell B\n2026-11-24 10:30  north façade\n```",
    ],
    [
      12 * MINUTE,
      "awa",
      "@Alice Fontaine, could you check the heat-loss figures for the north façade before Monday? I am missing the thermal bridges.",
      { mentions: ["alice"] },
    ],
    [
      11 * MINUTE,
      "awa",
      "Details here: https://jean-moulin.example/north-façade",
      { reactions: [["👀", ["ines", "bruno"]]] },
    ],
  ],
};

/** The other lines of the list: with whom, how long ago, the last words, how many are unread. */
export const lines = {
  fr: [
    ["bruno", 30 * MINUTE, "bruno", "On garde 15\u00a0h. Je vous envoie le lien.", 0],
    ["thomas", 2 * HOUR, "thomas", "Ravi\u202f! Vous faites aussi de la thermique\u202f?", 1],
    ["max", 4 * HOUR, "max", "Avez-vous reçu la note de synthèse\u202f?", 0],
    ["jean", DAY + HOUR, "alice", "Merci pour l’autorisation préfectorale\u202f!", 0],
    ["ines", 2 * DAY, "ines", "Photo du tableau électrique", 0],
    ["layla", 3 * DAY, "layla", "شكرا جزيلا!", 0],
    ["awa", 12 * DAY, "alice", "Bien reçu, merci.", 0],
  ],
  en: [
    ["bruno", 30 * MINUTE, "bruno", "Let’s keep 3 pm. I’ll send the link.", 0],
    ["thomas", 2 * HOUR, "thomas", "Delighted! You work on building heat too?", 1],
    ["max", 4 * HOUR, "max", "Did you get the summary note?", 0],
    ["jean", DAY + HOUR, "alice", "Thank you for the prefecture’s permit!", 0],
    ["ines", 2 * DAY, "ines", "Picture of the switchboard", 0],
    ["layla", 3 * DAY, "layla", "شكرا جزيلا!", 0],
    ["awa", 12 * DAY, "alice", "Got it, thank you.", 0],
  ],
};
