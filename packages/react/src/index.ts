/** Public surface of @carillon/react. */

export { ConnectionLine } from "./components/ConnectionLine.js";
export { Chat, type ChatProps } from "./components/chat/Chat.js";
export { ConversationList, type ConversationListProps } from "./components/chat/ConversationList.js";
export { PersonFace, PresenceDot } from "./components/chat/Faces.js";
export { PeoplePicker, type PeoplePickerProps } from "./components/chat/PeoplePicker.js";
export { Avatar } from "./components/Face.js";
export {
  NotificationBell,
  // The name that LinkDeal's header knows it by (REQUIREMENTS 001-30).
  NotificationBell as NotificationBadge,
  type NotificationBellProps,
} from "./components/NotificationBell.js";
export { NotificationCenter } from "./components/NotificationCenter.js";
export { type LabelOverrides, type Navigate, useLabels } from "./context.js";
export { useConversation } from "./hooks/chat/useConversation.js";
export { useConversations } from "./hooks/chat/useConversations.js";
export { useMessages } from "./hooks/chat/useMessages.js";
export { usePeople } from "./hooks/chat/usePeople.js";
export { useAway, usePresence, usePresenceWords } from "./hooks/chat/usePresence.js";
export { useTyping } from "./hooks/chat/useTyping.js";
export {
  type BrowserNotifications,
  type BrowserPermission,
  useBrowserNotifications,
} from "./hooks/useBrowserNotifications.js";
export { type ConnectionPhase, type ConnectionView, useConnection } from "./hooks/useConnection.js";
export { useNotifications } from "./hooks/useNotifications.js";
export { useSound } from "./hooks/useSound.js";
export { useToast } from "./hooks/useToast.js";
export { type ChatLabels, chatEn, chatFr, createChatLabels } from "./labels/chat.js";
export { type Blank, createLabels, en, fr, type Labels, type Language, type RefusedAction } from "./labels.js";
export { CarillonProvider, type CarillonProviderProps } from "./provider.js";
