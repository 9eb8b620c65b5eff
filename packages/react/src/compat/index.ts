/** Public surface of @carillon/react/compat: the names that the documents use, over our own parts. */

export type { BellCommand, BellMessage, BellNotification } from "./bell.js";
export { Chat, type ChatProps } from "./components/Chat.js";
export { NotificationBadge } from "./components/NotificationBadge.js";
export { NotificationHeader } from "./components/NotificationHeader.js";
export { NotificationList } from "./components/NotificationList.js";
export { type NotificationBellProps, Notifications } from "./components/Notifications.js";
export type { GetToken } from "./credential.js";
export { type NotificationsHandle, useNotifications } from "./hooks/useNotifications.js";
export { createUseWebSocket, useWebSocket, type WebSocketHandle, type WebSocketOptions } from "./hooks/useWebSocket.js";
// Where two documents give one name to two things, the page is the longer one (REQUIREMENTS C27).
export {
  MenteeNotifications,
  MentorNotifications,
  Notifications as NotificationsPage,
} from "./pages/Notifications.js";
export {
  type BellService,
  createBellService,
  createMentoringService,
  type DocumentOptions,
  type FlatNotification,
  type MentoringService,
} from "./services/documents.js";
export { createNotificationsService, type ListFilters, type NotificationsService } from "./services/notifications.js";
