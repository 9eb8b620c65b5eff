import type { ConversationStore, Member, Person } from "@carillon/client";
import { useId, useMemo, useState } from "react";
import { useChatWords } from "../../chat/words.js";
import { Dialog } from "./Dialog.js";
import { PeoplePicker } from "./PeoplePicker.js";

const MOST_TITLE = 120;

/** Gives the conversation another name. */
export function Rename({ title, store, onClose }: { title: string; store: ConversationStore; onClose: () => void }) {
  const words = useChatWords();
  const id = useId();
  const [text, setText] = useState(title);
  const save = () => {
    if (text.trim() !== title) store.update({ title: text.trim() });
    onClose();
  };
  return (
    <Dialog
      title={words.rename}
      onClose={onClose}
      foot={
        <>
          <button type="button" className="carillon-button" data-kind="quiet" onClick={onClose}>
            {words.cancel}
          </button>
          <button type="button" className="carillon-button" data-kind="primary" onClick={save}>
            {words.save}
          </button>
        </>
      }
    >
      <div className="carillon-field">
        <label className="carillon-label" htmlFor={id}>
          {words.groupName}
        </label>
        <input
          id={id}
          className="carillon-input"
          dir="auto"
          maxLength={MOST_TITLE}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") save();
          }}
        />
      </div>
    </Dialog>
  );
}

interface AddPeopleProps {
  members: readonly Member[];
  store: ConversationStore;
  onClose: () => void;
}

/** Brings more people into the conversation. */
export function AddPeople({ members, store, onClose }: AddPeopleProps) {
  const words = useChatWords();
  const [chosen, setChosen] = useState<readonly Person[]>([]);
  const without = useMemo(() => new Set(members.map(({ person }) => person.id)), [members]);
  return (
    <Dialog
      title={words.addPeople}
      onClose={onClose}
      foot={
        <button
          type="button"
          className="carillon-button"
          data-kind="primary"
          disabled={chosen.length === 0}
          onClick={() => {
            store.addMembers(chosen.map((person) => person.id));
            onClose();
          }}
        >
          {words.add(chosen.length)}
        </button>
      }
    >
      <PeoplePicker chosen={chosen} onChange={setChosen} without={without} />
    </Dialog>
  );
}
