import type { Person } from "@carillon/client";
import { useId, useState } from "react";
import { shortName } from "../../chat/format.js";
import { useChatWords } from "../../chat/words.js";
import { useCarillon } from "../../context.js";
import { useConversationsStore } from "../../hooks/chat/stores.js";
import { Dialog } from "./Dialog.js";
import { PeoplePicker } from "./PeoplePicker.js";

interface Props {
  onClose: () => void;
  /** The conversation there now is. */
  onOpen: (id: number) => void;
}

const MOST_TITLE = 120;

/** Begins a conversation: with one person a direct one, which exists once; with several a group, with or without a name. */
export function NewConversation({ onClose, onOpen }: Props) {
  const words = useChatWords();
  const { toasts } = useCarillon();
  const id = useId();
  const store = useConversationsStore();
  const [chosen, setChosen] = useState<readonly Person[]>([]);
  const [title, setTitle] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [first] = chosen;
  const isGroup = chosen.length > 1;

  const begin = async () => {
    if (!store || !first || isBusy) return;
    setBusy(true);
    try {
      const people = chosen.map((person) => person.id);
      const made = isGroup
        ? await store.create({ kind: "group", people, ...(title.trim() && { title: title.trim() }) })
        : await store.openDirect(first.id);
      onOpen(made.id);
    } catch {
      toasts.show({ text: words.refusedChange.create, time: 8000 });
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={words.newConversation}
      onClose={onClose}
      foot={
        <button
          type="button"
          className="carillon-button"
          data-kind="primary"
          disabled={!first}
          aria-busy={isBusy}
          onClick={() => void begin()}
        >
          {isGroup ? words.createGroup : first ? words.writeTo(shortName(first)) : words.startWriting}
        </button>
      }
    >
      <PeoplePicker chosen={chosen} onChange={setChosen} />
      {isGroup && (
        <div className="carillon-field">
          <label className="carillon-label" htmlFor={id}>
            {words.groupName}
          </label>
          <input
            id={id}
            className="carillon-input"
            dir="auto"
            maxLength={MOST_TITLE}
            aria-describedby={`${id}-help`}
            value={title}
            onChange={(event) => setTitle(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter") void begin();
            }}
          />
          <p className="carillon-help carillon-plain" id={`${id}-help`}>
            {words.groupNameHint}
          </p>
        </div>
      )}
    </Dialog>
  );
}
