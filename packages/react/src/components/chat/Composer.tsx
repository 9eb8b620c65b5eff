import type { Person } from "@carillon/client";
import { type KeyboardEvent, type RefObject, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { insertMention } from "../../chat/mentions.js";
import { enterSendsStore } from "../../chat/settings.js";
import { useChatWords } from "../../chat/words.js";
import { useStore } from "../../hooks/chat/stores.js";
import { useMentions } from "../../hooks/chat/useMentions.js";
import { Icon } from "../Icon.js";
import { ChatIcon } from "./ChatIcon.js";
import { type EmojiRequest, Emojis } from "./Emojis.js";
import { MentionList } from "./MentionList.js";

/** What the words are for, over the field: an answer or a change; with its end. */
export interface ComposerContext {
  readonly kind: "reply" | "edit";
  /** Who is answered. */
  readonly name: string;
  readonly words: string;
  readonly onEnd: () => void;
}

export interface ComposerProps {
  title: string;
  text: string;
  onText: (text: string) => void;
  /** Sends or saves what is written; not called with nothing but spaces. */
  onSend: () => void;
  context: ComposerContext | null;
  /** Who may be mentioned. */
  people: readonly Person[];
  hasEverybody: boolean;
  field: RefObject<HTMLTextAreaElement | null>;
  onTyping: (isTyping: boolean) => void;
  /** ↑ in the empty field. */
  onEditLast: () => void;
  /** Escape with nothing to leave but the conversation. */
  onLeave: () => void;
}

const MOST = 8000;
/** From so near the limit on, it is told how much is left. */
const NEAR = 500;
const growsByItself = () => typeof CSS !== "undefined" && CSS.supports?.("field-sizing", "content");

/** Lets the field grow with its words where the browser does not do so by itself. */
function useGrowth(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: other words, another height
  useLayoutEffect(() => {
    const element = field.current;
    if (!element || growsByItself()) return;
    element.style.blockSize = "auto";
    element.style.blockSize = `${element.scrollHeight}px`;
  }, [field, text]);
}

function ContextLine({ context }: { context: ComposerContext }) {
  const words = useChatWords();
  const isReply = context.kind === "reply";
  const end = isReply ? words.stopReplying : words.stopEditing;
  return (
    <div className="carillon-composer-context">
      <ChatIcon name={isReply ? "reply" : "edit"} />
      <span className="carillon-composer-what" dir="auto">
        {isReply ? words.replyingTo(context.name) : words.editing} {isReply && context.words}
      </span>
      <button
        type="button"
        className="carillon-icon-button"
        data-size="small"
        aria-label={words.withKey(end, words.keyEscape)}
        title={words.withKey(end, words.keyEscape)}
        onClick={context.onEnd}
      >
        <Icon name="x" />
      </button>
    </div>
  );
}

interface Commands extends Pick<ComposerProps, "context" | "onEditLast" | "onLeave"> {
  enterSends: boolean;
  isEmpty: boolean;
  send: () => void;
}

/** What a key means in the field; null for what the browser does with it. */
function commandOf(event: KeyboardEvent, commands: Commands): (() => void) | null {
  const { enterSends, isEmpty, send, context, onEditLast, onLeave } = commands;
  const isForced = event.ctrlKey || event.metaKey;
  if (event.key === "Enter") return isForced || (enterSends && !event.shiftKey) ? send : null;
  if (event.key === "ArrowUp") return isEmpty && !context ? onEditLast : null;
  if (event.key === "Escape") return context?.onEnd ?? onLeave;
  return null;
}

/** Where messages are written: grows to eight lines, Enter sends or breaks as chosen, @ finds people. */
export function Composer(props: ComposerProps) {
  const { title, text, onText, onSend, context, people, hasEverybody, field, onTyping, onEditLast, onLeave } = props;
  const words = useChatWords();
  const id = useId();
  const enterSends = useStore(enterSendsStore(), true);
  const [caret, setCaret] = useState(text.length);
  const [emojis, setEmojis] = useState<EmojiRequest | null>(null);
  const wanted = useRef<number | null>(null);
  const over = [...text.trim()].length - MOST;
  const maySend = text.trim() !== "" && over <= 0;
  useGrowth(field, text);

  const write = (next: string, at: number) => {
    wanted.current = at;
    setCaret(at);
    onText(next);
    onTyping(next.trim() !== "");
  };
  const mentions = useMentions({
    text,
    caret,
    people,
    everybody: hasEverybody ? words.everyoneName : null,
    onChoose: (choice) => {
      const next = insertMention(text, caret, choice);
      write(next.text, next.caret);
    },
  });
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    field.current?.setSelectionRange(wanted.current, wanted.current);
    wanted.current = null;
  });
  // Another message to change, or none any more: the caret stands at the end of its words.
  const what = context?.kind === "edit" ? context : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the edit begins or ends
  useEffect(() => setCaret(field.current?.value.length ?? 0), [what === null]);

  const send = () => {
    if (!maySend) return;
    onSend();
    setCaret(0);
    field.current?.focus({ preventScroll: true });
  };
  const insert = (emoji: string) => {
    const [from, to] = [field.current?.selectionStart ?? text.length, field.current?.selectionEnd ?? text.length];
    write(text.slice(0, from) + emoji + text.slice(to), from + emoji.length);
    field.current?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    const isForList = !event.shiftKey && !event.altKey && mentions.press(event.key);
    const run = isForList
      ? null
      : commandOf(event, { enterSends, send, context, isEmpty: text === "", onEditLast, onLeave });
    if (!isForList && !run) return;
    event.preventDefault();
    event.stopPropagation();
    run?.();
  };
  const isOpen = mentions.choices.length > 0;
  const sendLabel = context?.kind === "edit" ? words.save : words.send;
  return (
    <form
      className="carillon-composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <MentionList mentions={mentions} id={`${id}-mentions`} />
      {context && <ContextLine context={context} />}
      <div className="carillon-composer-row">
        <textarea
          ref={field}
          className="carillon-composer-input"
          rows={1}
          dir="auto"
          placeholder={words.yourMessage}
          aria-label={words.yourMessageTo(title)}
          aria-autocomplete="list"
          aria-controls={isOpen ? `${id}-mentions` : undefined}
          aria-activedescendant={isOpen ? `${id}-mentions-${mentions.current}` : undefined}
          aria-describedby={over > -NEAR ? `${id}-note` : undefined}
          enterKeyHint={enterSends ? "send" : "enter"}
          value={text}
          onChange={(event) => {
            setCaret(event.currentTarget.selectionStart);
            onText(event.currentTarget.value);
            onTyping(event.currentTarget.value.trim() !== "");
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
        />
        <button
          type="button"
          className="carillon-icon-button"
          aria-label={words.insertEmoji}
          title={words.insertEmoji}
          aria-haspopup="dialog"
          onClick={(event) => setEmojis({ anchor: event.currentTarget, onPick: insert })}
        >
          <ChatIcon name="smile" />
        </button>
        <button
          type="submit"
          className="carillon-icon-button carillon-send"
          aria-label={sendLabel}
          title={enterSends ? words.withKey(sendLabel, words.keyEnter) : sendLabel}
          aria-disabled={!maySend}
          // A press that took the focus would put a phone's keyboard away.
          onPointerDown={(event) => event.preventDefault()}
        >
          {context?.kind === "edit" ? <Icon name="check" /> : <ChatIcon name="send" />}
        </button>
      </div>
      {over > -NEAR && (
        <p
          className="carillon-composer-note"
          id={`${id}-note`}
          data-tone={over > 0 ? "danger" : undefined}
          role="status"
        >
          {over > 0 ? words.tooLong(over) : words.charactersLeft(-over)}
        </p>
      )}
      <Emojis request={emojis} onClose={() => setEmojis(null)} />
    </form>
  );
}
