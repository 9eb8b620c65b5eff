/** What travels on `/ws/notifications/` as the documents print it (REQUIREMENTS 000-17 to 000-23). */

/** A notification as its frames carry it. */
export interface BellNotification {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly message: string;
  readonly is_read: boolean;
  readonly created_at: string;
}

export type BellMessage =
  | { readonly type: "notification"; readonly notification: BellNotification; readonly unread_count: number }
  | { readonly type: "unread_count"; readonly unread_count: number }
  | {
      readonly type: "error";
      readonly error: string;
      readonly code: string;
      /** Seconds to wait before another try. */
      readonly retry_after?: number;
      /** True when the server closes after it. */
      readonly fatal?: boolean;
    };

/** What a client may say. */
export type BellCommand =
  | { readonly type: "mark_read" | "mark_unread"; readonly notification_id: string }
  | { readonly type: "mark_all_read" };

/** The subprotocol of these frames. */
export const BELL_PROTOCOL = "carillon.bell";
