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
export { ClientError } from "./errors.js";
export type { paths as RestPaths } from "./generated/rest.js";
export type * from "./protocol.js";
export { PROTOCOL } from "./protocol.js";
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
export { createNotificationsStore } from "./stores/notifications.js";
export type { ReadableStore } from "./stores/store.js";
export { batch, Store } from "./stores/store.js";
export { OWN_TOPIC } from "./topics.js";
