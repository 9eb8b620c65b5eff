/** `NotificationList` of source 001: the rows of a page of notifications (REQUIREMENTS 001-32). */
import { useMemo, useRef, useSyncExternalStore } from "react";
import { ticker, today } from "../../clock.js";
import { ConnectionLine } from "../../components/ConnectionLine.js";
import { ListBody } from "../../components/ListBody.js";
import { Menu } from "../../components/Menu.js";
import { NewPill } from "../../components/NewPill.js";
import { useLabels } from "../../context.js";
import { daySections } from "../../entries.js";
import { useList } from "../../hooks/useList.js";
import { useSeen } from "../../hooks/useSeen.js";
import { queryOf } from "../hooks/useNotifications.js";
import type { ListFilters } from "../services/notifications.js";

/** Live, under day headings, with paging, keys, menu and every state; `unreadOnly` and `type` filter it. */
export function NotificationList({ unreadOnly = false, type = "" }: ListFilters) {
  const labels = useLabels();
  const root = useRef<HTMLElement>(null);
  const query = useMemo(() => queryOf({ unreadOnly, type }), [unreadOnly, type]);
  const list = useList({ query, root, scope: "page" });
  const day = useSyncExternalStore(ticker.subscribe, today, today);
  const sections = useMemo(() => daySections(list.entries, day, labels), [list.entries, day, labels]);
  useSeen(list.store, list.snapshot.inbox);
  return (
    <section ref={root} className="carillon carillon-center-card" aria-label={labels.notifications}>
      <div className="carillon-bar">
        <ConnectionLine />
        <div className="carillon-pill-strip">
          <NewPill count={list.newCount} onClick={list.showNew} />
        </div>
      </div>
      <div className="carillon-center-body">
        <ListBody
          list={list}
          view="inbox"
          sections={sections}
          empty={unreadOnly ? labels.emptyUnread : labels.emptyInbox}
        />
      </div>
      {list.menu.request && (
        <Menu key={list.menu.request.title} request={list.menu.request} onClose={list.menu.close} />
      )}
    </section>
  );
}
