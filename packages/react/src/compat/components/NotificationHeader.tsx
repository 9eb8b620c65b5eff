/** `NotificationHeader` of source 001: the head of a page of notifications (REQUIREMENTS 001-32). */
import type { ReactNode } from "react";
import { CenterTitles, MarkAllButton } from "../../components/CenterHead.js";
import { useActions } from "../../hooks/useActions.js";
import { useNotificationsStore, useSnapshot } from "../../hooks/useNotifications.js";

/** Title, how many are unread, "mark all as read" with its undo; `children` stand before that button. */
export function NotificationHeader({ children }: { children?: ReactNode }) {
  const store = useNotificationsStore();
  const { inbox, status } = useSnapshot(store);
  const actions = useActions(store);
  return (
    <header className="carillon carillon-center-head">
      <CenterTitles inbox={inbox} status={status} isLive />
      <div className="carillon-center-tools">
        {children}
        <MarkAllButton unread={inbox.unread} onClick={() => actions?.markAll()} />
      </div>
    </header>
  );
}
