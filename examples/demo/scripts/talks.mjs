/** What people said to each other, to look at: every kind of message, long names, other scripts, hundreds of lines. */
import { DAY, people } from "./rows.mjs";
import { HOUR, lines, MINUTE, team } from "./talk_lines.mjs";

const ROLES = ["", "Mentor", "Cheffe de projet", "Électricité", "Acousticien"];
const face = (name) => ({ username: name, ...people[name] });
const members = ["max", "alice", "awa", "ines", "bruno", "jean", "layla"];

function message(conversation, seq, ago, sender, content, now, part = {}) {
  const at = new Date(now - ago).toISOString();
  return {
    id: conversation * 1_000_000 + seq,
    conversation,
    seq,
    client_id: `c${conversation}-${seq}`,
    sender: face(sender),
    kind: "text",
    content,
    mentions: [],
    reply_to: null,
    reactions: [],
    system: null,
    attachment: null,
    created_at: at,
    edited_at: null,
    deleted_at: null,
    ...part,
  };
}

function dressed(conversation, seq, [ago, sender, content, more = {}], before, now) {
  const plain = message(conversation, seq, ago, sender, content ?? "", now);
  const quoted = more.answers === undefined ? undefined : before.at(-more.answers + 1);
  return {
    ...plain,
    ...(more.system && {
      kind: "system",
      system: { ...more.system, actor: face(more.system.actor), people: more.system.people.map(face) },
    }),
    ...(more.edited && { edited_at: plain.created_at }),
    ...(more.deleted && { deleted_at: plain.created_at }),
    ...(more.mentions && {
      mentions: more.mentions.map((name) => ({ person: people[name].id, name: people[name].name })),
    }),
    ...(more.reactions && {
      reactions: more.reactions.map(([emoji, who]) => ({
        emoji,
        count: who.length,
        people: who.map((name) => people[name].id),
      })),
    }),
    ...(quoted && {
      reply_to: { id: quoted.id, seq: quoted.seq, sender: quoted.sender, content: quoted.content, is_deleted: false },
    }),
  };
}

const conversation = (id, kind, title, lastSeq, count, now) => ({
  id,
  kind,
  title,
  picture: "",
  about: "",
  created_at: new Date(now - 30 * DAY).toISOString(),
  last_seq: lastSeq,
  member_count: count,
  version: 1,
});

const mine = (readUpTo, lastSeq, part = {}) => ({
  role: "member",
  read_up_to: readUpTo,
  visible_from: 0,
  unread: lastSeq - readUpTo,
  is_mentioned: false,
  muted_until: null,
  blocks: false,
  ...part,
});

const member = (name, role, readUpTo, now) => ({
  person: face(name),
  role,
  joined_at: new Date(now - 30 * DAY).toISOString(),
  read_up_to: readUpTo,
  read_at: new Date(now).toISOString(),
});

function teamTalk(language, now) {
  const messages = [];
  for (const row of team[language]) messages.push(dressed(1, messages.length + 1, row, messages, now));
  const last = messages.length;
  return {
    conversation: conversation(
      1,
      "group",
      language === "fr" ? "Équipe lycée Jean-Moulin" : "Jean-Moulin team",
      last,
      7,
      now,
    ),
    members: members.map((name) =>
      member(
        name,
        name === "max" ? "owner" : "member",
        name === "alice" ? last - 2 : ["ines", "jean", "max"].includes(name) ? 9 : last,
        now,
      ),
    ),
    mine: mine(last - 2, last, { is_mentioned: true }),
    messages,
  };
}

function directTalk(id, [name, ago, sender, words, unread], now) {
  const other = sender === "alice" ? name : "alice";
  const messages = [
    message(id, 1, ago + DAY, other, words.length > 20 ? "👋" : "Bonjour\u202f!", now),
    message(id, 2, ago, sender, words, now),
  ];
  return {
    conversation: conversation(id, "direct", "", 2, 2, now),
    members: [member(name, "member", 2, now), member("alice", "member", 2 - unread, now)],
    mine: mine(2 - unread, 2, name === "ines" ? { muted_until: "9999-12-31T00:00:00Z" } : {}),
    messages,
  };
}

/** A conversation of `count` messages by four people, with days in between. */
function longTalk(count, now) {
  const said = [
    "D’accord.",
    "Je regarde ça cet après-midi et je vous redis, il me manque encore le plan de l’étage et les débits.",
    "Merci\u202f!",
    "La livraison est prévue vendredi matin, entre 8\u00a0h et 10\u00a0h. Il faudra quelqu’un pour ouvrir le portail nord, et une place pour le camion. Je peux venir si besoin, dites-moi avant mercredi.",
    "Vu 👍",
  ];
  const who = ["awa", "awa", "alice", "bruno", "ines"];
  const messages = Array.from({ length: count }, (_, index) =>
    message(1, index + 1, (count - index) * 7 * MINUTE, who[index % 5], `${said[(index * 7) % 5]} (${index + 1})`, now),
  );
  return {
    ...teamTalk("fr", now),
    messages,
    mine: mine(count, count),
    conversation: conversation(1, "group", "Longue histoire", count, 7, now),
  };
}

/** Everything that Alice's chat knows, in one language; `size` is `none`, `usual`, `many` lines, `long` (messages) or `fresh`. */
export function talks(language, { size = "usual", messages = 100_000, now = Date.now() } = {}) {
  if (size === "none") return [];
  const first = size === "long" ? longTalk(messages, now) : teamTalk(language, now);
  if (size === "fresh") {
    first.messages = [];
    Object.assign(first.conversation, { last_seq: 0 });
    first.mine = mine(0, 0);
  }
  const others = lines[language].map((row, index) => directTalk(index + 2, row, now));
  const more = Array.from({ length: size === "many" ? 490 : 0 }, (_, index) => {
    const row = lines[language][index % lines[language].length];
    return directTalk(
      100 + index,
      [row[0], row[1] + (index + 1) * HOUR, row[2], row[3], index % 7 === 0 ? index : 0],
      now,
    );
  });
  for (const talk of more)
    talk.conversation.title = talk.conversation.id % 5 === 0 ? `Chantier n°\u00a0${talk.conversation.id}` : "";
  return [first, ...others, ...more];
}

/** Who may be written to. */
export function directory() {
  return Object.keys(people)
    .filter((name) => name !== "alice")
    .map((name, index) => ({ ...face(name), role: people[name].role || (ROLES[index % ROLES.length] ?? "") }));
}

/** Who is here: by id. */
export function presences(now = Date.now()) {
  const how = {
    bruno: ["online", 0],
    ines: ["online", 0],
    awa: ["online", 0],
    max: ["away", 5 * MINUTE],
    jean: ["offline", DAY],
    thomas: ["online", 0],
    layla: ["offline", 3 * DAY],
  };
  return Object.entries(how).map(([name, [state, ago]]) => ({
    id: people[name].id,
    username: name,
    state,
    last_seen: state === "online" ? null : new Date(now - ago).toISOString(),
  }));
}

export { face, message };
