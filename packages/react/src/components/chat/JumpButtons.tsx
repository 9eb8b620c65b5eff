import { useChatWords } from "../../chat/words.js";
import { Icon } from "../Icon.js";
import { ChatIcon } from "./ChatIcon.js";

interface Props {
  isAtEnd: boolean;
  unread: number;
  /** How many new messages begin above the view. */
  newAbove: number;
  onFirstNew: () => void;
  onLatest: () => void;
}

/** Over the thread: up to the first new message, down to the latest. */
export function JumpButtons({ isAtEnd, unread, newAbove, onFirstNew, onLatest }: Props) {
  const words = useChatWords();
  const hasNew = unread > 0;
  return (
    <>
      {newAbove > 0 && (
        <button
          type="button"
          className="carillon-jump"
          data-up=""
          data-new=""
          aria-label={words.toFirstNew(newAbove)}
          onClick={onFirstNew}
        >
          <Icon name="up" />
          {words.newMessages(newAbove)}
        </button>
      )}
      {!isAtEnd && (
        <button
          type="button"
          className="carillon-jump"
          data-new={hasNew || undefined}
          aria-label={hasNew ? `${words.newMessages(unread)}, ${words.toLatest}` : words.toLatest}
          title={words.toLatest}
          onClick={onLatest}
        >
          {hasNew && <span>{words.newMessages(unread)}</span>}
          <ChatIcon name="toEnd" />
        </button>
      )}
    </>
  );
}
