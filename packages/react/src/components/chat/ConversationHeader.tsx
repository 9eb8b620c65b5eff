import type { ConversationSnapshot, ConversationStore, ConversationsStore, Person } from "@carillon/client";
import type { ReactNode } from "react";
import { titleOf } from "../../chat/format.js";
import { presenceWords } from "../../chat/presence.js";
import { useChatWords } from "../../chat/words.js";
import { useCarillon } from "../../context.js";
import { useConversationsStore } from "../../hooks/chat/stores.js";
import { useConversationMenu } from "../../hooks/chat/useConversationMenu.js";
import { useNow } from "../../hooks/chat/useNow.js";
import { usePresence } from "../../hooks/chat/usePresence.js";
import { Icon } from "../Icon.js";
import { Menu } from "../Menu.js";
import { ChatIcon } from "./ChatIcon.js";
import { Confirm } from "./Dialog.js";
import { ConversationFace } from "./Faces.js";
import { Members } from "./Members.js";
import { AddPeople, Rename } from "./SmallDialogs.js";

interface Props {
  snapshot: ConversationSnapshot;
  store: ConversationStore;
  me: Person | null;
  /** Null where there is no list to go back to. */
  onBack: (() => void) | null;
  onOpen: (id: number) => void;
  onLeft: () => void;
  onHelp: () => void;
}

/** What the conversation is called, who is there now, and what may be done with it. */
export function ConversationHeader(props: Props) {
  const { snapshot, me, onBack } = props;
  const words = useChatWords();
  const { conversation, members } = snapshot;
  const list = useConversationsStore();
  const model = useConversationMenu({ ...props, list });
  const now = useNow();
  const presence = usePresence(conversation ? { conversations: [conversation.id] } : {});
  const others = members.map(({ person }) => person).filter((person) => person.id !== me?.id);
  const isDirect = conversation?.kind === "direct";
  const online = members.filter(({ person }) => presence.get(person.id)?.state === "online").length;
  const title = conversation ? titleOf(conversation, others.slice(0, 3), words) : "";
  const state = stateWords();

  function stateWords(): string {
    if (!conversation) return "\u00a0";
    if (isDirect) return presenceWords(presence.get(others[0]?.id ?? ""), now, words) || others[0]?.role || "\u00a0";
    const count = Math.max(members.length, conversation.member_count);
    return online > 0 ? words.membersOnline(count, online) : words.members(count);
  }

  const who: ReactNode = (
    <>
      {conversation && (
        <ConversationFace
          conversation={conversation}
          other={others[0]}
          state={presence.get(others[0]?.id ?? "")?.state}
        />
      )}
      <span className="carillon-chat-names">
        <span className="carillon-chat-name" dir="auto">
          {title}
        </span>
        <span className="carillon-chat-state">{state}</span>
      </span>
    </>
  );
  return (
    <header className="carillon-chat-head">
      {onBack && (
        <button
          type="button"
          className="carillon-icon-button carillon-chat-back"
          aria-label={words.back}
          title={words.back}
          onClick={onBack}
        >
          <ChatIcon name="back" />
        </button>
      )}
      <Heading isThere={conversation !== null}>
        {isDirect || !conversation ? (
          <span className="carillon-chat-who">{who}</span>
        ) : (
          <button
            type="button"
            className="carillon-chat-who"
            aria-haspopup="dialog"
            title={words.showMembers}
            onClick={model.showMembers}
          >
            {who}
          </button>
        )}
      </Heading>
      {conversation && (
        <button
          type="button"
          className="carillon-icon-button"
          aria-label={words.options}
          title={words.options}
          aria-haspopup="menu"
          onClick={(event) => model.open(event.currentTarget, title)}
        >
          <Icon name="more" />
        </button>
      )}
      {conversation && <Dialogs {...props} model={model} list={list} title={title} other={others[0]} />}
    </header>
  );
}

/** A heading as soon as there is something to head. */
function Heading({ isThere, children }: { isThere: boolean; children: ReactNode }) {
  const Tag = isThere ? "h2" : "div";
  return <Tag className="carillon-plain carillon-chat-heading">{children}</Tag>;
}

interface DialogsProps extends Props {
  model: ReturnType<typeof useConversationMenu>;
  list: ConversationsStore | null;
  title: string;
  other: Person | undefined;
}

/** The menu and the one dialog that it has opened. */
function Dialogs({ model, list, title, other, snapshot, store, me, onOpen, onLeft }: DialogsProps) {
  const words = useChatWords();
  const { toasts } = useCarillon();
  const { conversation, members, mine } = snapshot;
  const { request, dialog, close } = model;
  if (!conversation) return null;
  const write = async (person: string) => {
    close();
    try {
      const direct = await list?.openDirect(person);
      if (direct) onOpen(direct.id);
    } catch {
      toasts.show({ text: words.refusedChange.create, time: 8000 });
    }
  };
  const leave = () => {
    const handle = store.leave();
    handle.done.then(
      () => {
        toasts.show({ text: words.left(title) });
        onLeft();
      },
      () => undefined,
    );
  };
  const block = () => {
    if (!other) return;
    const handle = list?.block(other.id);
    if (handle)
      toasts.show({
        text: words.blocked(other.name),
        action: { label: words.undo, run: () => void handle.undo(), isUndo: true },
      });
  };
  return (
    <>
      {request && <Menu key={request.title} request={request} onClose={model.closeMenu} />}
      {dialog === "members" && (
        <Members
          conversation={conversation.id}
          members={members}
          me={me?.id}
          store={store}
          role={mine?.role ?? "member"}
          onWrite={(person) => void write(person)}
          onClose={close}
        />
      )}
      {dialog === "rename" && <Rename title={conversation.title} store={store} onClose={close} />}
      {dialog === "add" && <AddPeople members={members} store={store} onClose={close} />}
      {dialog === "leave" && (
        <Confirm
          title={words.leaveTitle(title)}
          text={words.leaveText}
          verb={words.leave}
          cancel={words.cancel}
          onConfirm={leave}
          onClose={close}
        />
      )}
      {dialog === "block" && other && (
        <Confirm
          title={words.blockTitle(other.name)}
          text={words.blockText(other.name)}
          verb={words.block(other.name)}
          cancel={words.cancel}
          onConfirm={block}
          onClose={close}
        />
      )}
    </>
  );
}
