import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useChatWords } from "../../chat/words.js";
import { useAway } from "../../hooks/chat/usePresence.js";
import { shortcutsStore } from "../../shortcuts.js";
import { Blank } from "../Blank.js";
import { ConnectionLine } from "../ConnectionLine.js";
import { ChatHelp } from "./ChatHelp.js";
import { ConversationList } from "./ConversationList.js";
import { Thread } from "./Thread.js";

export interface ChatProps {
  /** The conversation that is open; null for none. Without it the chat keeps that by itself. */
  conversation?: number | null;
  /** Where it keeps that by itself: the one to begin with. */
  defaultConversation?: number | null;
  /** Another conversation was opened, or (null) the open one was left. */
  onConversation?: (id: number | null) => void;
  /** The address of a conversation, so that lines are links: `/messages/7`. */
  hrefOf?: (id: number) => string;
  /** `thread` shows one conversation without the list. */
  panes?: "both" | "thread";
}

const isField = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  target.closest("input, textarea, select, [contenteditable], dialog, [popover]") !== null;

/** Conversations and messages, in the height that it is given: beside each other, or one of them where there is no room. */
export function Chat({ conversation, defaultConversation = null, onConversation, hrefOf, panes = "both" }: ChatProps) {
  const words = useChatWords();
  const [own, setOwn] = useState<number | null>(defaultConversation);
  const openId = conversation === undefined ? own : conversation;
  const root = useRef<HTMLElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const help = useRef<HTMLDialogElement>(null);
  const left = useRef<number | null>(null);
  const areOn = useSyncExternalStore(shortcutsStore().subscribe, shortcutsStore().getSnapshot, () => true);
  useAway();

  const latest = useRef(onConversation);
  useEffect(() => {
    latest.current = onConversation;
  });
  const open = useCallback((id: number | null) => {
    setOwn(id);
    latest.current?.(id);
  }, []);
  const leave = () => {
    left.current = openId;
    open(null);
  };
  useEffect(() => {
    // Who left a conversation stands again where they came from.
    if (openId !== null || left.current === null) return;
    root.current?.querySelector<HTMLElement>(`.carillon-chat-row[data-id="${left.current}"]`)?.focus();
    left.current = null;
  }, [openId]);

  useEffect(() => {
    if (!areOn) return;
    const onKeyDown = (event: KeyboardEvent) => {
      const { target } = event;
      // Where nothing has the focus, as after a page was loaded, the keys are meant for the chat too.
      const isHere = target === document.body || root.current?.contains(target as Node);
      const isMeant = isHere && !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (!isMeant || isField(target)) return;
      if (event.key === "?") help.current?.showModal();
      else if (event.key === "/" && search.current) search.current.focus();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [areOn]);
  return (
    <section ref={root} className="carillon carillon-chat" aria-label={words.chat}>
      <ConnectionLine />
      <div
        className="carillon-chat-panes"
        data-panes={panes}
        data-open={openId !== null || panes === "thread" || undefined}
      >
        {panes === "both" && <ConversationList openId={openId} onOpen={open} hrefOf={hrefOf} search={search} />}
        <div className="carillon-chat-main">
          {openId === null ? (
            <Blank figure="chat" text={words.chooseConversation} />
          ) : (
            <Thread
              key={openId}
              id={openId}
              onBack={panes === "both" ? leave : null}
              onOpen={open}
              onHelp={() => help.current?.showModal()}
            />
          )}
        </div>
      </div>
      <ChatHelp dialog={help} />
    </section>
  );
}
