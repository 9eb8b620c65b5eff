/** Public surface of @carillon/react. */

export { ConnectionLine } from "./components/ConnectionLine.js";
export { Avatar } from "./components/Face.js";
export {
  NotificationBell,
  // The name that LinkDeal's header knows it by (REQUIREMENTS 001-30).
  NotificationBell as NotificationBadge,
  type NotificationBellProps,
} from "./components/NotificationBell.js";
export { NotificationCenter } from "./components/NotificationCenter.js";
export { type Navigate, useLabels } from "./context.js";
export {
  type BrowserNotifications,
  type BrowserPermission,
  useBrowserNotifications,
} from "./hooks/useBrowserNotifications.js";
export { type ConnectionPhase, type ConnectionView, useConnection } from "./hooks/useConnection.js";
export { useNotifications } from "./hooks/useNotifications.js";
export { useSound } from "./hooks/useSound.js";
export { useToast } from "./hooks/useToast.js";
export { type Blank, createLabels, en, fr, type Labels, type Language, type RefusedAction } from "./labels.js";
export { CarillonProvider, type CarillonProviderProps } from "./provider.js";
