/* Generated from protocol/schema/native.json by packages/client/scripts/generate.mjs: do not edit. */

export type ClientFrame =
  | AuthenticateCommand
  | ConversationCreateCommand
  | ConversationLeaveCommand
  | ConversationLookCommand
  | ConversationMuteCommand
  | ConversationReadCommand
  | ConversationUpdateCommand
  | MemberAddCommand
  | MemberRemoveCommand
  | MemberSetRoleCommand
  | MessageDeleteCommand
  | MessageEditCommand
  | MessageReactCommand
  | MessageSendCommand
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
  | PersonBlockCommand
  | PersonUnblockCommand
  | PingCommand
  | PresenceSetCommand
  | PresenceWatchCommand
  | SubscribeCommand
  | TypingSetCommand
  | UnsubscribeCommand;
export type ServerFrame =
  | ConversationGoneEvent
  | ConversationReadEvent
  | ConversationTouchedEvent
  | ConversationUpdatedEvent
  | InboxCorrectedEvent
  | MemberChangedEvent
  | MemberJoinedEvent
  | MemberLeftEvent
  | MessageChangedEvent
  | MessageDeletedEvent
  | MessageEditedEvent
  | MessageReactedEvent
  | MessageSentEvent
  | NotificationAllReadEvent
  | NotificationAllSeenEvent
  | NotificationCreatedEvent
  | NotificationDeletedEvent
  | NotificationReadClearedEvent
  | NotificationReadRestoredEvent
  | NotificationUpdatedEvent
  | PasswordChangedEvent
  | PersonBlockedEvent
  | PresenceChangedEvent
  | ProfileUpdatedEvent
  | SessionEndedEvent
  | TypingChangedEvent
  | HelloFrame
  | ResyncFrame
  | DrainFrame
  | TokenExpiringFrame
  | ErrorFrame
  | ReplyFrame;

/**
 * The same, with the conversation.
 */
export interface AddMembers {
  conversation: number;
  /**
   * @minItems 1
   * @maxItems 1000
   */
  people: string[];
}
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
 * The public face of a user, as events and snapshots carry it; `username`, where it may be shown, is what they sign in with.
 */
export interface Person {
  avatar: string;
  id: string;
  name: string;
  role: string;
  username: string;
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
export interface ConversationCreateCommand {
  client_id?: string;
  data: NewConversation;
  ref?: string;
  type: "conversation.create";
}
/**
 * A conversation to open: a direct one with one person, or a group or a room with a title.
 */
export interface NewConversation {
  about?: string;
  kind: "direct" | "group" | "room";
  /**
   * @maxItems 1000
   */
  people: string[];
  picture?: string;
  title?: string;
}
export interface ConversationLeaveCommand {
  client_id?: string;
  data: OneConversation;
  ref?: string;
  type: "conversation.leave";
}
/**
 * A conversation.
 */
export interface OneConversation {
  conversation: number;
}
export interface ConversationLookCommand {
  client_id?: string;
  data: LookAtConversation;
  ref?: string;
  type: "conversation.look";
}
/**
 * The conversation that this connection has before its eyes, null for none; and others, where it shows several.
 */
export interface LookAtConversation {
  conversation: number | null;
  /**
   * @maxItems 100
   */
  others?: number[];
}
export interface ConversationMuteCommand {
  client_id?: string;
  data: MuteConversation;
  ref?: string;
  type: "conversation.mute";
}
/**
 * The same, with the conversation.
 */
export interface MuteConversation {
  conversation: number;
  until: string | null;
}
export interface ConversationReadCommand {
  client_id?: string;
  data: ReadConversation;
  ref?: string;
  type: "conversation.read";
}
/**
 * The same, with the conversation.
 */
export interface ReadConversation {
  conversation: number;
  message?: number | null;
  up_to?: number | null;
}
export interface ConversationUpdateCommand {
  client_id?: string;
  data: NameConversation;
  ref?: string;
  type: "conversation.update";
}
/**
 * The same, with the conversation.
 */
export interface NameConversation {
  conversation: number;
  picture?: string | null;
  title?: string | null;
}
export interface MemberAddCommand {
  client_id?: string;
  data: AddMembers;
  ref?: string;
  type: "member.add";
}
export interface MemberRemoveCommand {
  client_id?: string;
  data: OneMember;
  ref?: string;
  type: "member.remove";
}
/**
 * Somebody in a conversation.
 */
export interface OneMember {
  conversation: number;
  person: string;
}
export interface MemberSetRoleCommand {
  client_id?: string;
  data: SetRole;
  ref?: string;
  type: "member.set_role";
}
/**
 * The same, with the member.
 */
export interface SetRole {
  conversation: number;
  person: string;
  role: "admin" | "member" | "owner";
}
export interface MessageDeleteCommand {
  client_id?: string;
  data: OneMessage;
  ref?: string;
  type: "message.delete";
}
/**
 * A message.
 */
export interface OneMessage {
  conversation: number;
  message: number;
}
export interface MessageEditCommand {
  client_id?: string;
  data: EditMessage;
  ref?: string;
  type: "message.edit";
}
/**
 * Another content for a message.
 */
export interface EditMessage {
  content: string;
  conversation: number;
  message: number;
}
export interface MessageReactCommand {
  client_id?: string;
  data: ReactToMessage;
  ref?: string;
  type: "message.react";
}
/**
 * The same, with the message.
 */
export interface ReactToMessage {
  conversation: number;
  emoji: string;
  message: number;
  on?: boolean;
}
export interface MessageSendCommand {
  client_id?: string;
  data: SendMessage;
  ref?: string;
  type: "message.send";
}
/**
 * A message for a conversation.
 */
export interface SendMessage {
  content: string;
  conversation: number;
  reply_to?: number | null;
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
export interface PersonBlockCommand {
  client_id?: string;
  data: OnePerson;
  ref?: string;
  type: "person.block";
}
/**
 * Somebody.
 */
export interface OnePerson {
  person: string;
}
export interface PersonUnblockCommand {
  client_id?: string;
  data: OnePerson;
  ref?: string;
  type: "person.unblock";
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
export interface PresenceSetCommand {
  client_id?: string;
  data: SetPresence;
  ref?: string;
  type: "presence.set";
}
/**
 * Whether one is at this device or away from it.
 */
export interface SetPresence {
  state: "away" | "online";
}
export interface PresenceWatchCommand {
  client_id?: string;
  data: WatchPresence;
  ref?: string;
  type: "presence.watch";
}
/**
 * People by their ids, and conversations whose members are meant.
 */
export interface WatchPresence {
  /**
   * @maxItems 20
   */
  conversations?: number[];
  /**
   * @maxItems 500
   */
  people?: string[];
}
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
export interface TypingSetCommand {
  client_id?: string;
  data: SetTyping;
  ref?: string;
  type: "typing.set";
}
/**
 * Whether the caller is writing in a conversation.
 */
export interface SetTyping {
  conversation: number;
  is_typing: boolean;
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
 * What every member sees of a conversation; of two, the higher version is the later.
 */
export interface Conversation {
  about: string;
  created_at: string;
  id: number;
  kind: "direct" | "group" | "room";
  last_seq: number;
  member_count: number;
  picture: string;
  title: string;
  version: number;
}
/**
 * Where the event of a write stands; null where it changed nothing.
 */
export interface ConversationChanged {
  position: Position | null;
}
/**
 * A conversation whole; events after `position` bring it up to date.
 */
export interface ConversationDetail {
  conversation: Conversation;
  members: Member[];
  mine: Mine;
  position: Position;
}
/**
 * Somebody who is in a conversation, and how far they have read.
 */
export interface Member {
  joined_at: string;
  person: Person;
  read_at: string | null;
  read_up_to: number;
  role: "admin" | "member" | "owner";
}
/**
 * What is one's own in a conversation; nothing up to message `visible_from` is shown to one.
 */
export interface Mine {
  blocks: boolean;
  is_mentioned: boolean;
  muted_until: string | null;
  read_up_to: number;
  role: "admin" | "member" | "owner";
  unread: number;
  visible_from: number;
}
/**
 * The person is not in this conversation any more.
 */
export interface ConversationGone {
  conversation: number;
}
export interface ConversationGoneEvent {
  at: string;
  data: ConversationGone;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "conversation.gone";
}
/**
 * Somebody has read every message up to `up_to`, which has the id `message`.
 */
export interface ConversationRead {
  at: string;
  conversation: number;
  face: Person;
  message: number | null;
  person: string;
  up_to: number;
}
export interface ConversationReadEvent {
  at: string;
  data: ConversationRead;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "conversation.read";
}
/**
 * A line of the person's list stands now as it is here.
 */
export interface ConversationTouched {
  entry: Entry;
}
/**
 * A line of somebody's list of conversations; `people` are some of the others, later `activity` comes first.
 */
export interface Entry {
  activity: number;
  conversation: Conversation;
  last_message: Message | null;
  mine: Mine;
  people: Person[];
}
/**
 * A message, whole, as every member sees it.
 */
export interface Message {
  attachment: null;
  client_id: string;
  content: string;
  conversation: number;
  created_at: string;
  deleted_at: string | null;
  edited_at: string | null;
  id: number;
  kind: "system" | "text";
  mentions: Mention[];
  reactions: Reactions[];
  reply_to: Quote | null;
  sender: Person | null;
  seq: number;
  system: System | null;
}
/**
 * Somebody named in a message: `name` as it is written after the @; the person `*` is everybody.
 */
export interface Mention {
  name: string;
  person: string;
}
/**
 * One emoji under a message: how many people gave it, and the first MOST_NAMED of them.
 */
export interface Reactions {
  count: number;
  emoji: string;
  people: string[];
}
/**
 * The beginning of a message that is answered; without content when that one was deleted, or is from before some members came.
 */
export interface Quote {
  content: string;
  id: number;
  is_deleted: boolean;
  sender: Person | null;
  seq: number;
}
/**
 * What happened to the conversation, and by whom.
 */
export interface System {
  actor: Person | null;
  people: Person[];
  title: string;
  type: "created" | "member_added" | "member_left" | "member_removed" | "renamed";
}
export interface ConversationTouchedEvent {
  at: string;
  data: ConversationTouched;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "conversation.touched";
}
/**
 * Its title or picture changed.
 */
export interface ConversationUpdated {
  conversation: Conversation;
}
export interface ConversationUpdatedEvent {
  at: string;
  data: ConversationUpdated;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "conversation.updated";
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
 * How one stands in the conversation after reading.
 */
export interface MarkMoved {
  mine: Mine;
  position: Position | null;
}
/**
 * A member has another role.
 */
export interface MemberChanged {
  member: Member;
}
export interface MemberChangedEvent {
  at: string;
  data: MemberChanged;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "member.changed";
}
/**
 * These are in it now.
 */
export interface MemberJoined {
  conversation: Conversation;
  members: Member[];
}
export interface MemberJoinedEvent {
  at: string;
  data: MemberJoined;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "member.joined";
}
/**
 * These are not in it any more.
 */
export interface MemberLeft {
  conversation: Conversation;
  people: string[];
}
export interface MemberLeftEvent {
  at: string;
  data: MemberLeft;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "member.left";
}
/**
 * A message that not every member may see was edited or reacted to: who has it fetches it again.
 */
export interface MessageChanged {
  conversation: number;
  message: number;
  seq: number;
}
export interface MessageChangedEvent {
  at: string;
  data: MessageChanged;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "message.changed";
}
/**
 * A message is gone but for its place; what quotes it quotes nothing any more.
 */
export interface MessageDeleted {
  message: Message;
}
export interface MessageDeletedEvent {
  at: string;
  data: MessageDeleted;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "message.deleted";
}
/**
 * A message says something else now.
 */
export interface MessageEdited {
  message: Message;
}
export interface MessageEditedEvent {
  at: string;
  data: MessageEdited;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "message.edited";
}
/**
 * The reactions under a message changed.
 */
export interface MessageReacted {
  message: Message;
}
export interface MessageReactedEvent {
  at: string;
  data: MessageReacted;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "message.reacted";
}
/**
 * Something was said; its sender has read up to it.
 */
export interface MessageSent {
  message: Message;
}
export interface MessageSentEvent {
  at: string;
  data: MessageSent;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "message.sent";
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
 * The person blocks somebody, or no longer.
 */
export interface PersonBlocked {
  is_blocked: boolean;
  person: string;
}
export interface PersonBlockedEvent {
  at: string;
  data: PersonBlocked;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "person.blocked";
}
/**
 * How somebody is now; `last_seen` is null while they are connected, and where it is not known.
 *
 *     `username` is that of their public face, for dialects whose frames name people by it.
 */
export interface PersonPresence {
  id: string;
  last_seen: string | null;
  state: "away" | "offline" | "online";
  username: string;
}
/**
 * These people are as told now; announced on no log, at most once a second, and only to those who watch them.
 */
export interface PresenceChanged {
  people: PersonPresence[];
}
export interface PresenceChangedEvent {
  at: string;
  data: PresenceChanged;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "presence.changed";
}
/**
 * How those of them are whom one may see; others are left out.
 */
export interface Presences {
  people: PersonPresence[];
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
/**
 * A message as it was stored, and where its event stands; an old one that was sent again has no position.
 */
export interface SentMessage {
  message: Message;
  position: Position | null;
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
export interface TypingChangedEvent {
  at: string;
  data: TypingChanged;
  epoch?: string;
  offset?: number;
  topic: string;
  type: "typing.changed";
}
/**
 * Somebody is writing, or no longer; without another word they stopped after six seconds.
 */
export interface TypingChanged {
  conversation: number;
  is_typing: boolean;
  person: Person;
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
