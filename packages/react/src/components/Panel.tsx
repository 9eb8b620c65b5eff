import type { NotificationsQuery } from "@carillon/client";
import { type RefObject, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useCarillon, useLabels } from "../context.js";
import { oneSection } from "../entries.js";
import { useList } from "../hooks/useList.js";
import type { Sound } from "../sound.js";
import { innerPath } from "../urls.js";
import { ConnectionLine } from "./ConnectionLine.js";
import { Icon } from "./Icon.js";
import { ListBody } from "./ListBody.js";
import { Menu } from "./Menu.js";
import { NewPill } from "./NewPill.js";
import { Tabs } from "./Tabs.js";
import { ToastRegion } from "./ToastRegion.js";

type TabKey = "all" | "unread";

const QUERIES: Record<TabKey, NotificationsQuery> = { all: {}, unread: { filters: { unread: true } } };

interface Props {
  titleId: string;
  root: RefObject<HTMLElement | null>;
  unread: number;
  /** The address of the full page, where the host has one. */
  href: string | undefined;
  onClose: () => void;
}

/** A round bell that is struck through while muted. */
function MuteButton({ sound }: { sound: Sound }) {
  const labels = useLabels();
  const isMuted = useSyncExternalStore(sound.isMuted.subscribe, sound.isMuted.getSnapshot, () => false);
  const label = isMuted ? labels.unmute : labels.mute;
  return (
    <button
      type="button"
      className="carillon-icon-button"
      aria-label={label}
      title={label}
      onClick={() => sound.setMuted(!isMuted)}
    >
      <Icon name={isMuted ? "muted" : "sound"} />
    </button>
  );
}

interface LinkProps {
  className: string;
  children: string;
}

/** The link to the full page, followed inside the host where it can be. */
function CenterLink({ href, className, children, onClose }: Omit<Props, "titleId" | "root" | "unread"> & LinkProps) {
  const { onNavigate } = useCarillon();
  if (!href) return null;
  return (
    <a
      className={className}
      data-kind="quiet"
      href={href}
      onClick={(event) => {
        const path = innerPath(href);
        if (!onNavigate || path === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        onNavigate(path);
        onClose();
      }}
    >
      {children}
    </a>
  );
}
/** What the open panel shows; it exists only while open, so a closed bell costs nothing. */
export function Panel({ titleId, root, unread, href, onClose }: Props) {
  const labels = useLabels();
  const { sound } = useCarillon();
  const [tab, setTab] = useState<TabKey>("all");
  const body = useRef<HTMLDivElement>(null);
  const list = useList({ query: QUERIES[tab], root, scroller: body, scope: "inside", onLeave: onClose });
  const sections = useMemo(() => oneSection(list.entries), [list.entries]);
  useOpeningFocus(root, list.snapshot.status !== "loading" && list.snapshot.status !== "idle");

  const hasUnread = unread > 0;
  const markAll = () => hasUnread && list.actions?.markAll();
  const bodyId = `${titleId}-list`;
  return (
    <>
      <div className="carillon-panel-head">
        <h2 className="carillon-panel-title" id={titleId}>
          {labels.notifications}
        </h2>
        <button
          type="button"
          className="carillon-icon-button carillon-only-desk"
          aria-label={labels.markAll}
          aria-disabled={!hasUnread}
          title={labels.markAll}
          onClick={markAll}
        >
          <Icon name="checks" />
        </button>
        {sound && <MuteButton sound={sound} />}
        <button
          type="button"
          className="carillon-icon-button carillon-only-phone"
          aria-label={labels.close}
          title={labels.close}
          onClick={onClose}
        >
          <Icon name="x" />
        </button>
      </div>
      <div className="carillon-panel-tabs">
        <Tabs
          label={labels.filter}
          controls={bodyId}
          selected={tab}
          onSelect={setTab}
          tabs={[
            { key: "all", label: labels.all },
            { key: "unread", label: labels.unread, count: unread },
          ]}
        />
        <NewPill count={list.newCount} onClick={list.showNew} />
      </div>
      <ConnectionLine />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard, also without rows */}
      <div ref={body} className="carillon-panel-body" id={bodyId} role="tabpanel" aria-label={labels[tab]} tabIndex={0}>
        <ListBody
          list={list}
          view="inbox"
          sections={sections}
          empty={tab === "unread" ? labels.emptyUnread : labels.emptyInbox}
        />
      </div>
      <ToastRegion />
      {(hasUnread || href) && (
        <div className="carillon-panel-foot">
          {hasUnread && (
            <button type="button" className="carillon-button carillon-only-phone" data-kind="quiet" onClick={markAll}>
              <Icon name="checks" />
              {labels.markAll}
            </button>
          )}
          <CenterLink href={href} className="carillon-button" onClose={onClose}>
            {labels.openInbox}
          </CenterLink>
        </div>
      )}
      {list.menu.request && (
        <Menu key={list.menu.request.title} request={list.menu.request} onClose={list.menu.close} />
      )}
    </>
  );
}

/** Opening focuses the first unread row once there are rows; until then, and without any, the panel. */
function useOpeningFocus(root: RefObject<HTMLElement | null>, isSettled: boolean): void {
  const isDone = useRef(false);
  useEffect(() => {
    const panel = root.current;
    if (!panel || isDone.current) return;
    const isOurs = document.activeElement === panel || !panel.contains(document.activeElement);
    const row = panel.querySelector<HTMLElement>("[data-unread] .carillon-row-link");
    isDone.current = isSettled;
    if (isOurs) (row ?? panel).focus({ preventScroll: true });
  }, [root, isSettled]);
}
