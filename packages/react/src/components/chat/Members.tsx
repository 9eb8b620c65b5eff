import type { ConversationStore, Member, MemberRole } from "@carillon/client";
import { useState } from "react";
import { presenceWords } from "../../chat/presence.js";
import { useChatWords } from "../../chat/words.js";
import { useNow } from "../../hooks/chat/useNow.js";
import { usePresence } from "../../hooks/chat/usePresence.js";
import { Icon } from "../Icon.js";
import { Menu, type MenuItem, type MenuRequest } from "../Menu.js";
import { ChatIcon } from "./ChatIcon.js";
import { Dialog } from "./Dialog.js";
import { PersonFace } from "./Faces.js";

interface Props {
  conversation: number;
  members: readonly Member[];
  me: string | undefined;
  store: ConversationStore;
  /** The reader's own role: owners give roles, owners and admins send away. */
  role: MemberRole;
  onWrite: (person: string) => void;
  onClose: () => void;
}

const RANKS = { online: 0, away: 1, offline: 2 } as const;

/** Who is in the conversation: those who are here first; with what may be done for each. */
export function Members({ conversation, members, me, store, role: own, onWrite, onClose }: Props) {
  const words = useChatWords();
  const now = useNow();
  const presence = usePresence({ conversations: [conversation] });
  const [menu, setMenu] = useState<MenuRequest | null>(null);
  const rankOf = ({ person }: Member) => RANKS[presence.get(person.id)?.state ?? "offline"];
  const sorted = [...members].sort((one, other) => rankOf(one) - rankOf(other));

  const itemsFor = ({ person, role }: Member): MenuItem[] => {
    const isAdmin = role === "admin";
    const write: MenuItem = {
      label: words.writeTo(person.name),
      icon: <ChatIcon name="chat" />,
      run: () => onWrite(person.id),
    };
    if (own === "member" || role === "owner") return [write];
    const setRole: MenuItem = {
      label: isAdmin ? words.unmakeAdmin : words.makeAdmin,
      icon: "user",
      run: () => void store.setRole(person.id, isAdmin ? "member" : "admin"),
    };
    const remove: MenuItem = { label: words.removeMember, icon: "x", run: () => void store.removeMember(person.id) };
    return own === "owner" ? [write, setRole, remove] : [write, remove];
  };
  return (
    <Dialog title={words.members(members.length)} onClose={onClose}>
      <ul className="carillon-members" aria-label={words.membersTitle}>
        {sorted.map((member) => {
          const { person, role } = member;
          const how = presenceWords(presence.get(person.id), now, words) || person.role;
          return (
            <li key={person.id} className="carillon-member">
              <PersonFace person={person} state={presence.get(person.id)?.state} />
              <span className="carillon-option-body">
                <span className="carillon-option-name" dir="auto">
                  {person.name}
                  {person.id === me && ` (${words.youToo})`}
                </span>
                {how && <span className="carillon-option-note">{how}</span>}
              </span>
              {role !== "member" && <span className="carillon-tag">{words.roles[role]}</span>}
              {person.id !== me && (
                <button
                  type="button"
                  className="carillon-icon-button"
                  aria-label={words.actionsFor(person.name)}
                  title={words.actionsFor(person.name)}
                  aria-haspopup="menu"
                  onClick={(event) =>
                    setMenu({ anchor: event.currentTarget, title: person.name, items: itemsFor(member) })
                  }
                >
                  <Icon name="more" />
                </button>
              )}
            </li>
          );
        })}
      </ul>
      {menu && <Menu request={menu} onClose={() => setMenu(null)} />}
    </Dialog>
  );
}
