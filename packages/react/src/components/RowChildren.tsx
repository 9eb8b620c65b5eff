import type { Notification } from "@carillon/client";
import { safeUrl } from "../urls.js";
import type { RowHandlers } from "./NotificationRow.js";
import { Time } from "./Time.js";

/** The members of a group, expanded in place. */
export function RowChildren({ items, handlers }: { items: readonly Notification[]; handlers: RowHandlers }) {
  return (
    <ul className="carillon-row-children">
      {items.map((item) => {
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
          </li>
        );
      })}
    </ul>
  );
}
