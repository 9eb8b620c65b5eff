/** The documents' own REST addresses, for front ends that must keep calling them (REQUIREMENTS 000-13 to 000-16, 001-21 to 001-27). */
import { type ClientOptions, createClient, type Notification, type Rest } from "@carillon/client";
import type { ListFilters } from "./notifications.js";

/** A notification as these addresses answer it. */
export type FlatNotification = Pick<
  Notification,
  "id" | "type" | "title" | "message" | "message_id" | "data" | "is_read" | "created_at" | "url" | "severity" | "kind"
>;

export type DocumentOptions = Pick<ClientOptions, "baseUrl" | "getToken" | "headers" | "fetch" | "language">;

/** What source 000 has under `/api/notifications/`; every call may reject with a ClientError. */
export interface BellService {
  /** The newest hundred, newest first. */
  list(): Promise<FlatNotification[]>;
  unreadCount(): Promise<number>;
  /** Resolves with the notification as it then is. */
  markRead(id: string): Promise<FlatNotification>;
  markUnread(id: string): Promise<FlatNotification>;
  /** Resolves with how many are unread then. */
  markAllRead(): Promise<number>;
}

/** What source 001 has under `/notifications/`. */
export interface MentoringService extends Omit<BellService, "list"> {
  list(filters?: ListFilters): Promise<FlatNotification[]>;
  get(id: string): Promise<FlatNotification>;
  /** Each resolves with how many are unread then. */
  remove(id: string): Promise<number>;
  clearRead(): Promise<number>;
}

interface Counted {
  unread_count: number;
}

const count = async (answer: Promise<Counted>) => (await answer).unread_count;

function restOf(options: DocumentOptions): Rest {
  return createClient({ ...options, apiPath: "" }).rest;
}

function marking(rest: Rest, one: (id: string) => string) {
  const marked = async (path: string) => (await rest.post<{ notification: FlatNotification }>(path)).notification;
  return {
    markRead: (id: string) => marked(`${one(id)}read/`),
    markUnread: (id: string) => marked(`${one(id)}unread/`),
  };
}

/** The API of source 000, under its own addresses. */
export function createBellService(options: DocumentOptions = {}): BellService {
  const rest = restOf(options);
  const root = "/api/notifications/";
  return {
    ...marking(rest, (id) => `${root}${encodeURIComponent(id)}/`),
    list: () => rest.get(root),
    unreadCount: () => count(rest.get(`${root}unread-count/`)),
    markAllRead: () => count(rest.post(`${root}mark-all-read/`)),
  };
}

/** The API of source 001, under its own addresses. */
export function createMentoringService(options: DocumentOptions = {}): MentoringService {
  const rest = restOf(options);
  const root = "/notifications/";
  const one = (id: string) => `${root}${encodeURIComponent(id)}/`;
  return {
    ...marking(rest, one),
    list: ({ unreadOnly, type } = {}) => rest.get(root, { query: { unread_only: unreadOnly === true || null, type } }),
    get: (id) => rest.get(one(id)),
    unreadCount: () => count(rest.get(`${root}unread-count/`)),
    markAllRead: () => count(rest.post(`${root}read-all/`)),
    remove: (id) => count(rest.delete(`${one(id)}delete/`)),
    clearRead: () => count(rest.delete(`${root}clear-read/`)),
  };
}
