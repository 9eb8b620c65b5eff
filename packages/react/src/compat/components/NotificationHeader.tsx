/** `NotificationHeader` of source 001: the head of a page of notifications (REQUIREMENTS 001-32). */
import type { ReactNode } from "react";
import { Icon } from "../../components/Icon.js";
import { useLabels } from "../../context.js";
import { useActions } from "../../hooks/useActions.js";
import { useNotificationsStore, useSnapshot } from "../../hooks/useNotifications.js";

/** Title, how many are unread, "mark all as read" with its undo; `children` stand before that button. */
export function NotificationHeader({ children }: { children?: ReactNode }) {
  const labels = useLabels();
  const store = useNotificationsStore();
  const { inbox, status } = useSnapshot(store);
  const actions = useActions(store);
  const isKnown = status === "ready" || inbox.version > 0;
  return (
    <header className="carillon carillon-center-head">
      <div className="carillon-center-titles">
        <h1 className="carillon-center-title">{labels.notifications}</h1>
        <p className="carillon-center-subtitle" role="status">
          {isKnown ? labels.unreadCount(inbox.unread) : "\u00a0"}
        </p>
      </div>
      <div className="carillon-center-tools">
        {children}
        <button
          type="button"
          className="carillon-button"
          data-kind="outline"
          disabled={inbox.unread === 0}
          onClick={() => actions?.markAll()}
        >
          <Icon name="checks" />
          {labels.markAll}
        </button>
      </div>
    </header>
  );
}
