import {
  type CSSProperties,
  type RefObject,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useLabels } from "../context.js";
import { useArrivals } from "../hooks/useArrivals.js";
import { useNotificationsStore, useSnapshot } from "../hooks/useNotifications.js";
import { useFaviconDot, useTitleBadge } from "../hooks/usePageBadge.js";
import { usePanelCode } from "../hooks/usePanelCode.js";
import { useSeen } from "../hooks/useSeen.js";
import { atMost99 } from "../labels/plural.js";
import { Icon } from "./Icon.js";
import { Skeleton } from "./Skeleton.js";

export interface NotificationBellProps {
  /** The address of the host's page with the full list; the panel then links to it. */
  href?: string;
}

/** Follows the native popover: whether it is open; and gives the focus back to the bell when it closes around it. */
function usePopover(panel: RefObject<HTMLElement | null>, bell: RefObject<HTMLButtonElement | null>) {
  const [isOpen, setOpen] = useState(false);
  useLayoutEffect(() => {
    // The browser then knows which button opens the panel: a press on it closes, Tab goes in, the panel stands beside it.
    if (bell.current) bell.current.popoverTargetElement = panel.current;
  }, [bell, panel]);
  useEffect(() => {
    const element = panel.current;
    if (!element) return;
    let hadFocus = false;
    const before = (event: Event) => {
      if (event.target === element) hadFocus = element.contains(document.activeElement);
    };
    const after = (event: Event) => {
      if (event.target !== element) return;
      const isNowOpen = (event as ToggleEvent).newState === "open";
      setOpen(isNowOpen);
      if (!isNowOpen && hadFocus) bell.current?.focus();
    };
    element.addEventListener("beforetoggle", before);
    element.addEventListener("toggle", after);
    return () => {
      element.removeEventListener("beforetoggle", before);
      element.removeEventListener("toggle", after);
    };
  }, [bell, panel]);
  return isOpen;
}

/** The bell with its count; pressing it opens the panel. Being looked at is *seen*; read is a click. */
export function NotificationBell({ href }: NotificationBellProps) {
  const labels = useLabels();
  const id = useId();
  const bell = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const isOpen = usePopover(panel, bell);
  const store = useNotificationsStore();
  const { inbox, status } = useSnapshot(store);
  const isKnown = status === "ready" || inbox.version > 0;
  const { isRinging, announcement } = useArrivals(store);
  useTitleBadge(inbox.unread);
  useFaviconDot(inbox.unread > 0);

  useSeen(store, inbox, isOpen);

  const Panel = usePanelCode(isOpen);
  const close = useCallback(() => panel.current?.hidePopover(), []);
  const anchor = `--carillon-${id.replace(/\W/g, "")}`;
  const titleId = `${id}-title`;
  return (
    <span className="carillon carillon-bell-root">
      <button
        ref={bell}
        type="button"
        className="carillon-bell"
        aria-label={isKnown ? labels.bell(inbox.unread) : labels.notifications}
        aria-expanded={isOpen}
        aria-haspopup="dialog"
        data-ringing={isRinging || undefined}
        style={{ anchorName: anchor } as CSSProperties}
      >
        <Icon name="bell" />
        {inbox.unread > 0 && (
          <span className="carillon-badge" aria-hidden="true">
            {atMost99(inbox.unread)}
          </span>
        )}
      </button>
      <div
        ref={panel}
        className="carillon-panel"
        popover="auto"
        role="dialog"
        aria-labelledby={Panel ? titleId : undefined}
        aria-label={Panel ? undefined : labels.notifications}
        tabIndex={-1}
        style={{ positionAnchor: anchor } as CSSProperties}
      >
        {isOpen &&
          (Panel ? (
            <Panel titleId={titleId} root={panel} unread={inbox.unread} href={href} onClose={close} />
          ) : (
            <Skeleton />
          ))}
      </div>
      <span className="carillon-visually-hidden" role="status">
        {announcement}
      </span>
    </span>
  );
}
