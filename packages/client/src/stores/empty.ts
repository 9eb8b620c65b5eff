/** What the stores show before anything was asked for. */
import type { NotificationsSnapshot } from "./contract.js";
import type { ConversationSnapshot, ConversationsSnapshot, MessagesSnapshot } from "./conversations_contract.js";

export const NO_NOTIFICATIONS: NotificationsSnapshot = {
  status: "idle",
  error: null,
  items: [],
  inbox: { unread: 0, unseen: 0, version: 0, last_number: 0 },
  hasMore: false,
  isLoadingMore: false,
  pending: new Set(),
  waiting: 0,
  failure: null,
};

export const NO_CONVERSATIONS: ConversationsSnapshot = {
  status: "idle",
  error: null,
  items: [],
  hasMore: false,
  isLoadingMore: false,
  unread: 0,
  unreadMessages: 0,
  pending: new Set(),
  failure: null,
};

export const NO_CONVERSATION: ConversationSnapshot = {
  status: "idle",
  error: null,
  conversation: null,
  members: [],
  mine: null,
  typing: [],
  isLookedAt: false,
  failure: null,
};

export const NO_MESSAGES: MessagesSnapshot = {
  status: "idle",
  error: null,
  items: [],
  unsent: [],
  hasBefore: false,
  hasAfter: false,
  isLoadingBefore: false,
  isLoadingAfter: false,
  isJumping: false,
  lastSeq: 0,
  readUpTo: 0,
  unread: 0,
  divider: null,
  readers: new Map(),
  failure: null,
};
