import type { NotificationsView } from "@carillon/client";
import { useLabels } from "../context.js";
import type { Entry } from "../entries.js";
import { Icon, type IconName } from "./Icon.js";
import type { RowHandlers } from "./NotificationRow.js";

interface Props {
  entry: Entry;
  view: NotificationsView;
  isUnread: boolean;
  handlers: RowHandlers;
}

/** The quick actions that float over the corner of the row that is pointed at or focused. */
export function RowActions({ entry, view, isUnread, handlers }: Props) {
  const labels = useLabels();
  const actions: [IconName, string, string, (anchor: HTMLElement) => void][] = [
    [
      isUnread ? "check" : "ring",
      isUnread ? labels.markRead : labels.markUnread,
      "u",
      () => handlers.toggleRead(entry),
    ],
    ["snooze", view === "snoozed" ? labels.unsnooze : labels.snooze, "h", (anchor) => handlers.snooze(entry, anchor)],
    [
      view === "archive" ? "inbox" : "archive",
      view === "archive" ? labels.unarchive : labels.archive,
      "e",
      () => handlers.archive(entry),
    ],
  ];
  return actions
    .filter(([icon]) => !(view === "archive" && icon === "snooze"))
    .map(([icon, label, key, run]) => (
      <button
        key={key}
        type="button"
        className="carillon-icon-button carillon-row-quick"
        data-size="small"
        aria-label={label}
        aria-keyshortcuts={key}
        title={labels.withKey(label, key)}
        onClick={(event) => run(event.currentTarget)}
      >
        <Icon name={icon} />
      </button>
    ));
}
