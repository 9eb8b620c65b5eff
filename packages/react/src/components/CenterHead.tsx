import type { NotificationsSnapshot } from "@carillon/client";
import { useLabels } from "../context.js";
import { Icon } from "./Icon.js";

interface TitlesProps {
  inbox: NotificationsSnapshot["inbox"];
  status: NotificationsSnapshot["status"];
  titleId?: string;
  /** Whether changes of the count are read out; where there is a bell, that does it. */
  isLive?: boolean;
}

/** The title of the page, and how many are unread. */
export function CenterTitles({ inbox, status, titleId, isLive = false }: TitlesProps) {
  const labels = useLabels();
  // Before the first snapshot nobody knows what is read, and saying "all caught up" would be a lie.
  const isKnown = status === "ready" || inbox.version > 0;
  return (
    <div className="carillon-center-titles">
      <h1 className="carillon-center-title" id={titleId}>
        {labels.notifications}
      </h1>
      <p className="carillon-center-subtitle" role={isLive ? "status" : undefined}>
        {isKnown ? labels.unreadCount(inbox.unread) : "\u00a0"}
      </p>
    </div>
  );
}

/** "Mark all as read", while something is unread. */
export function MarkAllButton({ unread, onClick }: { unread: number; onClick: () => void }) {
  const labels = useLabels();
  return (
    <button type="button" className="carillon-button" data-kind="outline" disabled={unread === 0} onClick={onClick}>
      <Icon name="checks" />
      {labels.markAll}
    </button>
  );
}
