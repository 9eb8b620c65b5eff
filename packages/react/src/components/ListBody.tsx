import type { NotificationsView } from "@carillon/client";
import { type ReactNode, useState } from "react";
import { useLabels } from "../context.js";
import type { Section } from "../entries.js";
import type { ListModel } from "../hooks/useList.js";
import { usePaging } from "../hooks/usePaging.js";
import type { Blank as BlankText } from "../labels.js";
import { Blank } from "./Blank.js";
import { Icon } from "./Icon.js";
import { NotificationList } from "./NotificationList.js";
import { Skeleton } from "./Skeleton.js";

const NO_ACCESS = new Set([401, 403]);

/** The end of the list: the next page on its way, or a way to ask for it again. */
function ListEnd({ list, isLong }: { list: ListModel; isLong: boolean }) {
  const labels = useLabels();
  const { snapshot, hasMore, more } = list;
  // The store keeps its last error; one that was answered by another try is no longer told.
  const [answered, setAnswered] = useState<unknown>(null);
  const hasFailed = snapshot.error !== null && snapshot.error !== answered;
  const endRef = usePaging(hasMore && !snapshot.isLoadingMore && !hasFailed, more);
  const again = () => {
    setAnswered(snapshot.error);
    more();
  };
  if (!hasMore) return isLong ? <p className="carillon-list-end carillon-plain">{labels.end}</p> : null;
  return (
    <div className="carillon-list-end" ref={endRef} role="status">
      {hasFailed ? (
        <>
          <span>{labels.moreFailed}</span>
          <button type="button" className="carillon-button" data-kind="quiet" data-size="small" onClick={again}>
            <Icon name="retry" />
            {labels.retry}
          </button>
        </>
      ) : (
        <span>{labels.loadingMore}</span>
      )}
    </div>
  );
}

interface Props {
  list: ListModel;
  view: NotificationsView;
  sections: readonly Section[];
  /** What an empty list says. */
  empty: BlankText;
  /** The one thing to do in an empty list. */
  emptyAction?: ReactNode;
}

/** A list in whatever state it is in: rows, skeleton, empty, failed, or not ours to see. */
export function ListBody({ list, view, sections, empty, emptyAction }: Props) {
  const labels = useLabels();
  const { snapshot, store } = list;
  const hasRows = sections.length > 0;
  if (!hasRows && snapshot.error) {
    if (NO_ACCESS.has(snapshot.error.status ?? 0)) return <Blank figure="lock" text={labels.forbidden} isAlert />;
    return (
      <Blank figure="plug" text={labels.failed} isAlert>
        <button type="button" className="carillon-button" data-kind="outline" onClick={() => void store?.load()}>
          <Icon name="retry" />
          {labels.retry}
        </button>
      </Blank>
    );
  }
  if (!hasRows && snapshot.status !== "ready") return <Skeleton />;
  if (!hasRows && !list.hasMore) {
    return (
      <Blank figure="rest" text={empty}>
        {emptyAction}
      </Blank>
    );
  }
  return (
    <div {...list.holding.listProps}>
      <span ref={list.holding.topRef} className="carillon-list-top" />
      <NotificationList
        list={store}
        scroller={list.scroller}
        sections={sections}
        view={view}
        currentId={list.keys.currentId}
        activeId={list.activeId}
        expanded={list.expanded}
        pending={list.waiting}
        label={labels.notifications}
        handlers={list.handlers}
      />
      <ListEnd list={list} isLong={list.entries.length > 20} />
    </div>
  );
}
