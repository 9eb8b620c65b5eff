/** Public surface of @carillon/client. */
export type {
  CarillonClient,
  ClientOptions,
  CommandOptions,
  Connection,
  ConnectionReason,
  ConnectionState,
  ConnectionStatus,
  Follow,
  FollowHandlers,
  Reply,
  RequestOptions,
  Rest,
  Session,
  SessionState,
  TokenRequest,
  WebSocketConstructor,
  WriteOptions,
} from "./api.js";
export type { NotificationButton, PressedButton } from "./buttons.js";
export { buttonsOf, pressedOf } from "./buttons.js";
export { createClient } from "./client.js";
export type { Clock } from "./clock.js";
export { configFromEnv, type Environment } from "./config.js";
export { ClientError } from "./errors.js";
export type { paths as RestPaths } from "./generated/rest.js";
export type { Block, Inline, ListItem, MarkdownNode } from "./markdown/nodes.js";
export { type MarkdownOptions, parseMarkdown } from "./markdown/parse.js";
export { plainText } from "./markdown/plain.js";
export type * from "./protocol.js";
export { PROTOCOL } from "./protocol.js";
export * as conversationReducers from "./reducers/conversation.js";
export * as conversationsReducers from "./reducers/conversations.js";
export * as messageReducers from "./reducers/messages.js";
export * as notificationReducers from "./reducers/notifications.js";
export type {
  Arrival,
  NotificationFilters,
  NotificationsQuery,
  NotificationsSnapshot,
  NotificationsStore,
  NotificationsView,
  WriteFailure,
  WriteHandle,
} from "./stores/contract.js";
export { createConversationStore } from "./stores/conversation.js";
export { createConversationsStore } from "./stores/conversations.js";
export type * from "./stores/conversations_contract.js";
export { FOREVER } from "./stores/conversations_contract.js";
export { createDraftsStore } from "./stores/drafts.js";
export { NO_CONVERSATION, NO_CONVERSATIONS, NO_MESSAGES, NO_NOTIFICATIONS } from "./stores/empty.js";
export { createMessagesStore, LONGEST_CONTENT } from "./stores/messages.js";
export { createNotificationsStore } from "./stores/notifications.js";
export { createOutbox } from "./stores/outbox.js";
export { createBlockedStore, createPeopleSearch } from "./stores/people.js";
export { createPresenceStore } from "./stores/presence.js";
export type { ReadableStore } from "./stores/store.js";
export { batch, Store } from "./stores/store.js";
export { OWN_TOPIC } from "./topics.js";
