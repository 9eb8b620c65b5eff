import type { Notification } from "@carillon/client";
import { safeUrl } from "../urls.js";
import type { RowHandlers } from "./NotificationRow.js";
import { RowAnswers } from "./RowAnswers.js";
import { Time } from "./Time.js";

/** The members of a group, expanded in place; the buttons of the first stand in its row. */
export function RowChildren({ items, handlers }: { items: readonly Notification[]; handlers: RowHandlers }) {
  return (
    <ul className="carillon-row-children">
      {items.map((item, index) => {
        const url = safeUrl(item.url);
        const common = {
          className: "carillon-row-child-link",
          dir: "auto" as const,
          "data-unread": !item.is_read || undefined,
        };
        return (
          <li key={item.id} className="carillon-row-child carillon-plain">
            {url ? (
              <a {...common} href={url} onClick={(event) => handlers.openOne(item, url, event)}>
                {item.title}
              </a>
            ) : (
              <button {...common} type="button" onClick={(event) => handlers.openOne(item, url, event)}>
                {item.title}
              </button>
            )}
            <Time at={item.created_at} />
            {index > 0 && <RowAnswers notification={item} handlers={handlers} />}
          </li>
        );
      })}
    </ul>
  );
}
