/* Generated from protocol/schema/native.json by packages/client/scripts/generate.mjs: do not edit. */

export type ClientFrame =
  | AuthenticateCommand
  | NotificationArchiveCommand
  | NotificationClearReadCommand
  | NotificationDeleteCommand
  | NotificationPressCommand
  | NotificationReadCommand
  | NotificationReadAllCommand
  | NotificationRestoreUnreadCommand
  | NotificationSeenCommand
  | NotificationSnoozeCommand
  | NotificationUnarchiveCommand
  | NotificationUnreadCommand
  | NotificationUnsnoozeCommand
  | PingCommand
  | SubscribeCommand
  | UnsubscribeCommand;
export type ServerFrame =
  | InboxCorrectedEvent
  | NotificationAllReadEvent
  | NotificationAllSeenEvent
  | NotificationCreatedEvent
  | NotificationDeletedEvent
  | NotificationReadClearedEvent
  | NotificationReadRestoredEvent
  | NotificationUpdatedEvent
  | PasswordChangedEvent
  | ProfileUpdatedEvent
  | SessionEndedEvent
  | HelloFrame
  | ResyncFrame
  | DrainFrame
  | TokenExpiringFrame
  | ErrorFrame
  | ReplyFrame;

/**
 * Sign in, or renew the credential, on an open socket.
 */
export interface Authenticate {
  token: string;
}
export interface AuthenticateCommand {
  client_id?: string;
  data: Authenticate;
  ref?: string;
  type: "authenticate";
}
/**
 * Who is signed in, and until when (seconds since 1970).
 */
export interface Authenticated {
  expires_at: number | null;
  person: Person;
}
/**
 * The public face of a user, as events and snapshots carry it.
 */
export interface Person {
  avatar: string;
  id: string;
  name: string;
  role: string;
}
/**
 * The counters after a write, the notifications that it touched by id, and where its event stands in the log.
 */
export interface Changed {
  inbox: Inbox;
  notifications: Notification[];
  position: Position | null;
  stamp: string | null;
}
/**
 * A person's counters, absolute; of two, the higher version is the later.
 */
export interface Inbox {
  last_number: number;
  unread: number;
  unseen: number;
  version: number;
}
/**
 * A notification, whole, as its person sees it.
 */
export interface Notification {
  actor: Person | null;
  created_at: string;
  data: {
    [k: string]: unknown;
  };
  group_key: string;
  icon: string;
  id: string;
  is_archived: boolean;
  is_read: boolean;
  is_seen: boolean;
  kind: string;
  message: string;
  message_id: string;
  number: number;
  read_at: string | null;
  severity: "error" | "info" | "success" | "warning";
  snoozed_until: string | null;
  title: string;
  type: string;
  url: string;
}
/**
 * How far a topic's log has been read: `offset` events of this `epoch` (offsets stay below 2**53).
 */
export interface Position {
  epoch: string;
  offset: number;
}
export interface NotificationArchiveCommand {
  client_id?: string;
  data: These;
  ref?: string;
  type: "notification.archive";
}
/**
 * Some notifications, by id.
 */
export interface These {
  /**
   * @minItems 1
   * @maxItems 100
   */
  ids: string[];
}
export interface NotificationClearReadCommand {
  client_id?: string;
  data: UpToOrAll;
  ref?: string;
  type: "notification.clear_read";
}
/**
 * Everything with a number up to this one, or simply everything.
 */
export interface UpToOrAll {
  up_to?: number | null;
}
export interface NotificationDeleteCommand {
  client_id?: string;
  data: These;
  ref?: string;
  type: "notification.delete";
}
export interface NotificationPressCommand {
  client_id?: string;
  data: Press;
  ref?: string;
  type: "notification.press";
}
/**
 * A button of a notification, by its name.
 */
export interface Press {
  action: string;
  id: string;
}
export interface NotificationReadCommand {
  client_id?: string;
  data: These;
  ref?: string;
  type: "notification.read";
}
export interface NotificationReadAllCommand {
  client_id?: string;
  data: UpToOrAll;
  ref?: string;
  type: "notification.read_all";
}
export interface NotificationRestoreUnreadCommand {
  client_id?: string;
  data: Stamp;
  ref?: string;
  type: "notification.restore_unread";
}
/**
 * The stamp that marking all read returned.
 */
export interface Stamp {
  stamp: string;
}
export interface NotificationSeenCommand {
  client_id?: string;
  data: UpTo;
  ref?: string;
  type: "notification.seen";
}
/**
 * Everything with a number up to this one.
 */
export interface UpTo {
  up_to: number;
}
export interface NotificationSnoozeCommand {
  client_id?: string;
  data: Until;
  ref?: string;
  type: "notification.snooze";
}
/**
 * Some notifications, and when they come back.
 */
export interface Until {
  /**
   * @minItems 1
   * @maxItems 100
   */
  ids: string[];
  until: string;
}
export interface NotificationUnarchiveCommand {
  client_id?: string;
  data: These;
  ref?: string;
  type: "notification.unarchive";
}
export interface NotificationUnreadCommand {
  client_id?: string;
  data: These;
  ref?: string;
  type: "notification.unread";
}
export interface NotificationUnsnoozeCommand {
  client_id?: string;
  data: These;
  ref?: string;
  type: "notification.unsnooze";
}
export interface PingCommand {
  client_id?: string;
  data: Nothing;
  ref?: string;
  type: "ping";
}
/**
 * Parameters of a command that takes none, or the answer of one that says nothing.
 */
export interface Nothing {}
export interface SubscribeCommand {
  client_id?: string;
  data: Subscribe;
  ref?: string;
  type: "subscribe";
}
/**
 * Follow a topic, from a position or from now on.
 */
export interface Subscribe {
  position?: Position | null;
  topic: string;
}
export interface UnsubscribeCommand {
  client_id?: string;
  data: Unsubscribe;
  ref?: string;
  type: "unsubscribe";
}
/**
 * Stop following a topic.
 */
export interface Unsubscribe {
  topic: string;
}
/**
 * One field that was refused and why.
 */
export interface Detail {
  field: string;
  message: string;
}
/**
 * The server goes away: reconnect after so many milliseconds.
 */
export interface Drain {
  reconnect_in: number;
}
/**
 * The server goes away; reconnect after so many milliseconds.
 */
export interface DrainFrame {
  data: Drain;
  type: "drain";
}
/**
 * What went wrong; `topic` where one topic is withdrawn, `fatal` where the connection closes after it.
 */
export interface ErrorData {
  code: string;
  details: Detail[];
  error: string;
  fatal: boolean;
  retry_after: number | null;
  topic: string | null;
}
/**
 * The refusal of a command, or of the connection.
 */
export interface ErrorFrame {
  data: ErrorData;
  ref: string | null;
  type: "error";
}
/**
 * Seconds between pings, and of silence before the connection is given up.
 */
export interface Heartbeat {
  interval: number;
  timeout: number;
}
/**
 * Who is connected, what they may send, and where their own topic stands.
 */
export interface HelloData {
  connection: string;
  heartbeat: Heartbeat;
  limits: Limits;
  person: Person;
  position: Position;
  protocol: "carillon.v1";
  user_topic: string;
}
/**
 * What a client may send and follow.
 */
export interface Limits {
  burst: number;
  frame_bytes: number;
  messages_per_second: number;
  topics: number;
}
/**
 * Said once, after a good credential.
 */
export interface HelloFrame {
  data: HelloData;
  type: "hello";
}
/**
 * The counters were counted again; with `items_changed`, notifications came or got other numbers unsaid: fetch them again.
 */
export interface InboxCorrected {
  inbox: Inbox;
  items_changed?: true;
}
export interface InboxCorrectedEvent {
  at: string;
  data: InboxCorrected;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "inbox.corrected";
}
/**
 * Every unread one in the inbox with number up to `up_to` is now read (and seen), at `read_at`.
 */
export interface NotificationAllRead {
  inbox: Inbox;
  read_at: string;
  up_to: number;
}
export interface NotificationAllReadEvent {
  at: string;
  data: NotificationAllRead;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "notification.all_read";
}
/**
 * Every one with number up to `up_to` has been seen.
 */
export interface NotificationAllSeen {
  inbox: Inbox;
  up_to: number;
}
export interface NotificationAllSeenEvent {
  at: string;
  data: NotificationAllSeen;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "notification.all_seen";
}
/**
 * Someone is notified: it rings. Also said when a snooze ends, with a new number.
 */
export interface NotificationCreated {
  inbox: Inbox;
  notification: Notification;
}
export interface NotificationCreatedEvent {
  at: string;
  data: NotificationCreated;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "notification.created";
}
/**
 * These are gone.
 */
export interface NotificationDeleted {
  ids: string[];
  inbox: Inbox;
}
export interface NotificationDeletedEvent {
  at: string;
  data: NotificationDeleted;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "notification.deleted";
}
/**
 * Every read one with number up to `up_to` is gone.
 */
export interface NotificationReadCleared {
  inbox: Inbox;
  up_to: number;
}
export interface NotificationReadClearedEvent {
  at: string;
  data: NotificationReadCleared;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "notification.read_cleared";
}
/**
 * Every one with number up to `up_to` that was read at `read_at` is unread again.
 */
export interface NotificationReadRestored {
  inbox: Inbox;
  read_at: string;
  up_to: number;
}
export interface NotificationReadRestoredEvent {
  at: string;
  data: NotificationReadRestored;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "notification.read_restored";
}
/**
 * These stand now as they are here.
 */
export interface NotificationUpdated {
  inbox: Inbox;
  notifications: Notification[];
}
export interface NotificationUpdatedEvent {
  at: string;
  data: NotificationUpdated;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "notification.updated";
}
/**
 * The person changed their password; every session but the one they did it from is closed.
 */
export interface PasswordChanged {}
export interface PasswordChangedEvent {
  at: string;
  data: PasswordChanged;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "password.changed";
}
/**
 * The person's public face or preferences changed; whole state.
 */
export interface ProfileUpdated {
  language: string;
  person: Person;
  time_zone: string;
}
export interface ProfileUpdatedEvent {
  at: string;
  data: ProfileUpdated;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "profile.updated";
}
/**
 * The answer to a command.
 */
export interface ReplyFrame {
  data: unknown;
  ref: string | null;
  type: "reply";
}
/**
 * Why the position is void, and where the log stands.
 */
export interface ResyncData {
  position: Position;
  reason: "ahead" | "epoch" | "too_old";
}
/**
 * Fetch a snapshot, then subscribe from its position.
 */
export interface ResyncFrame {
  data: ResyncData;
  topic: string;
  type: "resync";
}
export interface SessionEndedEvent {
  at: string;
  data: SessionEnded;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "session.ended";
}
/**
 * A session was signed out (None: all of them); its sockets are closed.
 */
export interface SessionEnded {
  session: string | null;
}
/**
 * The credential ends soon; authenticate again.
 */
export interface TokenExpiringFrame {
  data: TokenExpiring;
  type: "token_expiring";
}
/**
 * The credential ends in so many seconds: authenticate again.
 */
export interface TokenExpiring {
  expires_in: number;
}
/**
 * Where delivery begins: events after this position follow.
 */
export interface Subscribed {
  position: Position | null;
  topic: string;
}
