/** People and notifications to look at: long names, every category and severity, read and unread, grouped, old. */
import { DAY, people, rows } from "./rows.mjs";

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
