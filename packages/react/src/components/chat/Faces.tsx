import type { Conversation, Person, PresenceStatus } from "@carillon/client";
import { useState } from "react";
import { useChatWords } from "../../chat/words.js";
import { Avatar } from "../Face.js";
import { Icon } from "../Icon.js";
import { ChatIcon } from "./ChatIcon.js";

interface DotProps {
  /** Nothing is shown of whom nothing is known. */
  state: PresenceStatus | undefined;
  /** In a line of text, instead of over a face. */
  isAlone?: boolean;
}

/** Online is full, away a half, offline a ring; the word is there for who does not see it. */
export function PresenceDot({ state, isAlone }: DotProps) {
  const words = useChatWords();
  if (!state) return null;
  return (
    <span className="carillon-presence" data-state={state} data-alone={isAlone || undefined}>
      <span className="carillon-visually-hidden">{words.presence[state]}</span>
    </span>
  );
}

/** A person's face, with presence where it is known. */
export function PersonFace({
  person,
  state,
  size,
}: {
  person: Person;
  state?: PresenceStatus | undefined;
  size?: "small";
}) {
  return (
    <span className="carillon-face">
      <Avatar person={person} {...(size && { size })} />
      <PresenceDot state={state} />
    </span>
  );
}

interface ConversationFaceProps {
  conversation: Conversation;
  /** The other of a direct conversation. */
  other: Person | undefined;
  state?: PresenceStatus | undefined;
}

/** Somebody whose account is gone, or several people. */
function Sign({ isDirect }: { isDirect: boolean }) {
  return isDirect ? <Icon name="user" /> : <ChatIcon name="users" />;
}

/** The picture of a conversation: the other's face, the group's own picture, or a sign. */
export function ConversationFace({ conversation, other, state }: ConversationFaceProps) {
  const [broken, setBroken] = useState("");
  if (conversation.kind === "direct" && other) return <PersonFace person={other} state={state} />;
  const { picture } = conversation;
  return (
    <span className="carillon-avatar" data-group="" aria-hidden="true">
      {picture && picture !== broken ? (
        <img
          className="carillon-avatar-image"
          src={picture}
          alt=""
          loading="lazy"
          referrerPolicy="no-referrer"
          onError={() => setBroken(picture)}
        />
      ) : (
        <Sign isDirect={conversation.kind === "direct"} />
      )}
    </span>
  );
}
