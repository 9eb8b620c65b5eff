import type { NotificationsQuery, NotificationsView } from "@carillon/client";
import { useId, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { ticker, today } from "../clock.js";
import { useLabels } from "../context.js";
import { daySections } from "../entries.js";
import { useActions } from "../hooks/useActions.js";
import { useList } from "../hooks/useList.js";
import { useNotificationsStore, useSnapshot } from "../hooks/useNotifications.js";
import { useSeen } from "../hooks/useSeen.js";
import { useSettled } from "../hooks/useSettled.js";
import type { Blank, Labels } from "../labels.js";
import { CenterTitles, MarkAllButton } from "./CenterHead.js";
import { CenterToolbar } from "./CenterToolbar.js";
import { Icon, type IconName } from "./Icon.js";
import { KeyboardHelp } from "./KeyboardHelp.js";
import { ListBody } from "./ListBody.js";
import { Menu } from "./Menu.js";

const VIEWS: readonly [NotificationsView, IconName, (labels: Labels) => string][] = [
  ["inbox", "inbox", (labels) => labels.inbox],
  ["snoozed", "snooze", (labels) => labels.snoozedBox],
  ["archive", "archive", (labels) => labels.archiveBox],
];

interface Choice {
  readonly view: NotificationsView;
  readonly isUnreadOnly: boolean;
  /** Words looked for, settled. */
  readonly words: string;
}

function queryOf({ view, isUnreadOnly, words }: Choice): NotificationsQuery {
  return {
    view,
    filters: { ...(isUnreadOnly && view === "inbox" && { unread: true }), ...(words && { q: words }) },
  };
}

function emptyOf({ view, isUnreadOnly, words }: Choice, labels: Labels): Blank {
  if (words) return labels.emptySearch(words);
  if (view === "archive") return labels.emptyArchive;
  if (view === "snoozed") return labels.emptySnoozed;
  return isUnreadOnly ? labels.emptyUnread : labels.emptyInbox;
}

/** The boxes at the side: inbox, snoozed, archive. */
function Boxes({ view, unread, onView }: { view: string; unread: number; onView: (view: NotificationsView) => void }) {
  const labels = useLabels();
  return (
    <nav className="carillon-boxes" aria-label={labels.boxes}>
      <ul className="carillon-boxes-list">
        {VIEWS.map(([key, icon, name]) => (
          <li className="carillon-plain carillon-boxes-item" key={key}>
            <button
              type="button"
              className="carillon-box"
              aria-current={key === view ? "page" : undefined}
              onClick={() => onView(key)}
            >
              <Icon name={icon} />
              <span>{name(labels)}</span>
              {key === "inbox" && unread > 0 && (
                <span className="carillon-count">{unread.toLocaleString(labels.locale)}</span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface CenterListProps {
  choice: Choice;
  words: string;
  onWords: (words: string) => void;
  onChoice: (change: Partial<Choice>) => void;
  onHelp: () => void;
}

/** The card with the list of one choice of box, filter and words. */
function CenterList({ choice, onHelp, onChoice, words, onWords }: CenterListProps) {
  const labels = useLabels();
  const root = useRef<HTMLElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const query = useMemo(() => queryOf(choice), [choice]);
  const onSearch = () => search.current?.focus();
  const list = useList({ query, root, scope: "page", onHelp, onSearch });
  const day = useSyncExternalStore(ticker.subscribe, today, today);
  const sections = useMemo(() => daySections(list.entries, day, labels), [list.entries, day, labels]);
  const { view, isUnreadOnly } = choice;
  const { unread } = list.snapshot.inbox;
  return (
    <section ref={root} className="carillon-center-card" aria-label={VIEWS.find(([key]) => key === view)?.[2](labels)}>
      <CenterToolbar
        search={search}
        words={words}
        onWords={onWords}
        isUnreadOnly={view === "inbox" ? isUnreadOnly : null}
        onUnreadOnly={(isOn) => onChoice({ isUnreadOnly: isOn })}
        hasUnread={view === "inbox" && unread > 0}
        onMarkAll={() => list.actions?.markAll()}
        newCount={list.newCount}
        onShowNew={list.showNew}
      />
      <div className="carillon-center-body">
        <ListBody
          list={list}
          view={view}
          sections={sections}
          empty={emptyOf(choice, labels)}
          emptyAction={
            view === "inbox" &&
            !choice.words && (
              <button type="button" className="carillon-link" onClick={() => onChoice({ view: "archive" })}>
                {labels.seeArchive}
              </button>
            )
          }
        />
      </div>
      {list.menu.request && (
        <Menu key={list.menu.request.title} request={list.menu.request} onClose={list.menu.close} />
      )}
    </section>
  );
}
/** The page of all notifications: boxes, search, days; keys act anywhere on the page but in a field. */
export function NotificationCenter() {
  const labels = useLabels();
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const [words, setWords] = useState("");
  const settled = useSettled(words.trim(), 250);
  const [box, setBox] = useState<Omit<Choice, "words">>({ view: "inbox", isUnreadOnly: false });
  const choice = useMemo<Choice>(() => ({ ...box, words: settled }), [box, settled]);
  const store = useNotificationsStore();
  const { inbox, status } = useSnapshot(store);
  const actions = useActions(store);
  const onChoice = (change: Partial<Choice>) => setBox((now) => ({ ...now, ...change }));
  const onHelp = () => dialog.current?.showModal();
  useSeen(store, inbox);

  return (
    <section className="carillon carillon-center" aria-labelledby={titleId}>
      <div className="carillon-center-head">
        <CenterTitles inbox={inbox} status={status} titleId={titleId} />
        <div className="carillon-center-tools carillon-only-desk">
          <button type="button" className="carillon-button" data-kind="quiet" onClick={onHelp}>
            <Icon name="keyboard" />
            {labels.shortcuts}
          </button>
          <MarkAllButton unread={inbox.unread} onClick={() => actions?.markAll()} />
        </div>
      </div>
      <div className="carillon-center-layout">
        <Boxes view={choice.view} unread={inbox.unread} onView={(view) => onChoice({ view })} />
        <CenterList choice={choice} words={words} onWords={setWords} onChoice={onChoice} onHelp={onHelp} />
      </div>
      <KeyboardHelp dialog={dialog} />
    </section>
  );
}
