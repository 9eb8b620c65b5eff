import { atMost99, pluralOf } from "./plural.js";
import type { Labels } from "./types.js";

const locale = "en-GB";
const plural = pluralOf(locale);
const number = new Intl.NumberFormat(locale);
const list = new Intl.ListFormat(locale, { type: "conjunction" });

/** English, with the typographic apostrophe. */
export const en: Labels = {
  locale,

  notifications: "Notifications",
  bell: (unread) => (unread === 0 ? "Notifications: none unread" : `Notifications: ${atMost99(unread)} unread`),
  arrived: (count, title) =>
    count === 1
      ? `New notification: ${title}`
      : `${number.format(count)} ${plural(count, "new notification", "new notifications")}`,
  markAll: "Mark all as read",
  close: "Close",
  openInbox: "Open the inbox",
  filter: "Filter",
  all: "All",
  unread: "Unread",
  newItems: (count) => `${number.format(count)} new`,

  unreadPrefix: "Unread. ",
  more: "More actions",
  markRead: "Mark as read",
  markUnread: "Mark as unread",
  snooze: "Snooze",
  unsnooze: "Wake up now",
  archive: "Archive",
  unarchive: "Move back to the inbox",
  remove: "Delete",
  withKey: (label, key) => `${label} (${key})`,
  snoozedUntil: (when) => `snoozed until ${when}`,
  types: {
    message: "Message",
    email: "E\u2011mail",
    contact: "Contact",
    event: "Calendar",
    system: "System",
  },
  severities: { success: "Success. ", warning: "Warning. ", error: "Failure. " },
  groupSummary: (count, people) =>
    `${number.format(count)} ${plural(count, "notification", "notifications")}: ${people}`,
  groupPeople: (names, others) =>
    list.format(others === 0 ? names : [...names, `${number.format(others)} ${plural(others, "other", "others")}`]),
  showGroup: (count) => `Show all ${number.format(count)}`,
  hideGroup: "Collapse",
  pending: "waiting to be sent",
  chosen: (label) => `You chose: ${label}`,
  settled: "Already settled",

  snoozeUntil: "Snooze",
  inAnHour: "For an hour",
  thisEvening: "Until this evening",
  tomorrowMorning: "Until tomorrow morning",
  nextMonday: "Until Monday morning",

  undo: "Undo",
  undone: "Put back.",
  archived: (count) => plural(count, "Notification archived", `${number.format(count)} notifications archived`),
  unarchived: (count) => plural(count, "Moved back to the inbox", `${number.format(count)} moved back to the inbox`),
  removed: (count) => plural(count, "Notification deleted", `${number.format(count)} notifications deleted`),
  allRead: "Everything is marked as read",
  snoozed: (when) => `Snoozed until ${when}`,
  unsnoozed: "Back in the inbox",
  refused: {
    read: "This notification could not be marked as read. Try again in a moment.",
    unread: "This notification could not be marked as unread. Try again in a moment.",
    archive: "It could not be archived, and is back in its place. Try again in a moment.",
    unarchive: "It stayed in the archive. Try again in a moment.",
    snooze: "It could not be snoozed, and is back in its place. Try again in a moment.",
    unsnooze: "It is still snoozed. Try again in a moment.",
    remove: "It could not be deleted, and is back in its place. Try again in a moment.",
    readAll: "The notifications could not be marked as read. Try again in a moment.",
    press: "Your answer could not be recorded. Try again in a moment.",
    undo: "This could not be undone. Try again in a moment.",
  },

  reconnecting: "Reconnecting…",
  offline: "Offline. What you do will be sent by itself.",
  gaveUp: "The server does not answer. Nothing is lost.",
  ended: "Your session has ended. Sign in again.",
  retry: "Try again",

  loading: "Loading notifications",
  emptyInbox: { title: "Nothing yet", text: "What comes next appears here, without reloading the page." },
  emptyUnread: { title: "All caught up", text: "What comes next appears here, without reloading the page." },
  emptyArchive: { title: "The archive is empty", text: "What you archive is kept here, easy to find again." },
  emptySnoozed: {
    title: "Nothing snoozed",
    text: "A snoozed notification waits here, then comes back to the inbox at the time you chose.",
  },
  emptySearch: (words) => ({
    title: `No result for “${words}”`,
    text: "Try another word, or search another box.",
  }),
  failed: {
    title: "Your notifications could not be loaded",
    text: "The server did not answer. Nothing is lost: they are waiting for you.",
  },
  forbidden: {
    title: "These notifications are not open to you",
    text: "Your session may have ended. Sign in again to find them.",
  },
  seeArchive: "See the archive",
  loadingMore: "Loading more…",
  moreFailed: "The rest could not be loaded.",
  end: "You have seen it all.",

  unreadCount: (unread) => (unread === 0 ? "All caught up" : `${number.format(unread)} unread`),
  boxes: "Boxes",
  inbox: "Inbox",
  snoozedBox: "Snoozed",
  archiveBox: "Archive",
  search: "Search",
  show: "Show",
  today: "Today",
  yesterday: "Yesterday",
  thisWeek: "This week",
  thisMonth: "Earlier this month",
  now: "just now",
  dayAt: (day, time) => `${day} at ${time}`,

  shortcuts: "Shortcuts",
  shortcutsTitle: "Keyboard shortcuts",
  shortcutsOn: "Shortcuts on",
  keyNext: "Next",
  keyPrevious: "Previous",
  keyOpen: "Open",
  keyRead: "Mark read or unread",
  keySearch: "Search",
  keyHelp: "This help",
  keyUndo: "Undo",
  keyEnter: "Enter",
  keyControl: "Ctrl",

  mute: "Mute",
  unmute: "Unmute",
};
