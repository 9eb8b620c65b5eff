/** `services/notifications` of source 001: the API, one function for each endpoint (REQUIREMENTS 001-28). */
import type { CarillonClient, Inbox, Notification } from "@carillon/client";

export interface ListFilters {
  unreadOnly?: boolean;
  /** `message`, `email`, `contact`, `event`, `system`, or the host's own. */
  type?: string;
}

export interface NotificationsService {
  /** The newest first, at most `limit` of them (1 to 100, default 100). */
  list(filters?: ListFilters & { limit?: number }): Promise<Notification[]>;
  get(id: string): Promise<Notification>;
  /** Resolves with the notification as it then is. */
  markRead(id: string): Promise<Notification>;
  markUnread(id: string): Promise<Notification>;
  /** Resolves with how many are unread then, as the two below. */
  markAllRead(): Promise<number>;
  /** Deletes one for good. */
  remove(id: string): Promise<number>;
  /** Deletes all that are read, for good. */
  clearRead(): Promise<number>;
  unreadCount(): Promise<number>;
}

interface Written {
  inbox: Inbox;
  notifications: [Notification];
}

/** The service over `client`, with its token, its address and its errors: every call may reject with a ClientError. */
export function createNotificationsService({ rest }: CarillonClient): NotificationsService {
  const one = (id: string) => `/notifications/${encodeURIComponent(id)}/`;
  const marked = async (id: string, action: string) => {
    const { notifications } = await rest.post<Written>(`${one(id)}${action}/`);
    return notifications[0];
  };
  const counted = async (answer: Promise<{ inbox: Inbox }>) => (await answer).inbox.unread;
  return {
    list: async ({ unreadOnly, type, limit = 100 } = {}) => {
      const query = { unread: unreadOnly === true ? true : null, type, limit };
      return (await rest.get<{ results: Notification[] }>("/notifications/", { query })).results;
    },
    get: async (id) => (await rest.get<{ notification: Notification }>(one(id))).notification,
    markRead: (id) => marked(id, "read"),
    markUnread: (id) => marked(id, "unread"),
    markAllRead: () => counted(rest.post("/notifications/read-all/")),
    remove: (id) => counted(rest.delete(one(id))),
    clearRead: () => counted(rest.post("/notifications/clear-read/")),
    unreadCount: () => counted(rest.get("/notifications/inbox/")),
  };
}
