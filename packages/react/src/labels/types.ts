/** Every text that Carillon shows, in one language; a host overrides any of them. */
export interface Labels {
  /** BCP 47 tag for dates, numbers, plurals and lists. */
  readonly locale: string;

  // The bell and its panel
  readonly notifications: string;
  readonly bell: (unread: number) => string;
  readonly arrived: (count: number, title: string) => string;
  readonly markAll: string;
  readonly close: string;
  readonly openInbox: string;
  readonly filter: string;
  readonly all: string;
  readonly unread: string;
  readonly newItems: (count: number) => string;

  // A row
  readonly unreadPrefix: string;
  readonly more: string;
  readonly markRead: string;
  readonly markUnread: string;
  readonly snooze: string;
  readonly unsnooze: string;
  readonly archive: string;
  readonly unarchive: string;
  readonly remove: string;
  readonly withKey: (label: string, key: string) => string;
  readonly snoozedUntil: (when: string) => string;
  readonly types: Readonly<Record<string, string>>;
  readonly severities: Readonly<Record<string, string>>;
  readonly groupSummary: (count: number, people: string) => string;
  readonly groupPeople: (names: readonly string[], others: number) => string;
  readonly showGroup: (count: number) => string;
  readonly hideGroup: string;
  readonly pending: string;
  readonly chosen: (label: string) => string;
  readonly settled: string;

  // Snoozing
  readonly snoozeUntil: string;
  readonly inAnHour: string;
  readonly thisEvening: string;
  readonly tomorrowMorning: string;
  readonly nextMonday: string;

  // What was done, and what was refused
  readonly undo: string;
  readonly undone: string;
  readonly archived: (count: number) => string;
  readonly unarchived: (count: number) => string;
  readonly removed: (count: number) => string;
  readonly allRead: string;
  readonly snoozed: (when: string) => string;
  readonly unsnoozed: string;
  readonly refused: Readonly<Record<RefusedAction, string>>;

  // Connection
  readonly reconnecting: string;
  readonly offline: string;
  readonly gaveUp: string;
  readonly ended: string;
  readonly retry: string;

  // Lists without rows
  readonly loading: string;
  readonly emptyInbox: Blank;
  readonly emptyUnread: Blank;
  readonly emptyArchive: Blank;
  readonly emptySnoozed: Blank;
  readonly emptySearch: (words: string) => Blank;
  readonly failed: Blank;
  readonly forbidden: Blank;
  readonly seeArchive: string;
  readonly loadingMore: string;
  readonly moreFailed: string;
  readonly end: string;

  // The full page
  readonly unreadCount: (unread: number) => string;
  readonly boxes: string;
  readonly inbox: string;
  readonly snoozedBox: string;
  readonly archiveBox: string;
  readonly search: string;
  readonly show: string;
  readonly today: string;
  readonly yesterday: string;
  readonly thisWeek: string;
  readonly thisMonth: string;
  readonly now: string;
  readonly dayAt: (day: string, time: string) => string;

  // Keyboard help
  readonly shortcuts: string;
  readonly shortcutsTitle: string;
  readonly shortcutsOn: string;
  readonly keyNext: string;
  readonly keyPrevious: string;
  readonly keyOpen: string;
  readonly keyRead: string;
  readonly keySearch: string;
  readonly keyHelp: string;
  readonly keyUndo: string;
  readonly keyEnter: string;
  readonly keyControl: string;

  // Sound
  readonly mute: string;
  readonly unmute: string;
}

/** A list without rows: what it is, and what comes or what to do. */
export interface Blank {
  readonly title: string;
  readonly text: string;
}

/** The actions that a server may refuse, each with a sentence of its own. */
export type RefusedAction =
  | "read"
  | "unread"
  | "archive"
  | "unarchive"
  | "snooze"
  | "unsnooze"
  | "remove"
  | "readAll"
  | "press"
  | "undo";

export type Language = "fr" | "en";
