import { Chat, useConversation } from "@carillon/react";
import { usePageTitle } from "../parts/usePageTitle";
import { navigate, usePath } from "../router";
import { useWords } from "../words";

/** The conversation that a path names, as a notification's address does; null for none. */
export function conversationOf(path: string): number | null {
  const id = /^\/messages\/(\d{1,15})$/.exec(path)?.[1];
  return id === undefined ? null : Number(id);
}

/** All conversations, and the one of the address. */
export function MessagesPage() {
  const words = useWords();
  const id = conversationOf(usePath());
  const { conversation } = useConversation(id);
  usePageTitle(conversation?.title || words.messages);
  return (
    <>
      <h1 className="carillon-visually-hidden">{words.messages}</h1>
      <Chat
        conversation={id}
        onConversation={(next) => navigate(next === null ? "/messages" : `/messages/${next}`)}
        hrefOf={(one) => `/messages/${one}`}
      />
    </>
  );
}
