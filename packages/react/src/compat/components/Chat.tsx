/** `components/Chat` of source 000: messages over the socket, without polling (REQUIREMENTS 000-33, 000-34). */
import { Chat as Whole } from "../../components/chat/Chat.js";

export interface ChatProps {
  /** The conversation to show, alone; without it all of them are listed. A number, or a number in words. */
  conversationId?: number | string;
  /** The same, by the name that notifications use (`chat_room_id`). */
  roomId?: number | string;
}

/** The id in `value`; 0, which no conversation has, for what is none. */
function idOf(value: number | string | undefined): number | undefined {
  if (value === undefined || value === "") return undefined;
  const id = Number(value);
  return Number.isSafeInteger(id) && id > 0 ? id : 0;
}

/** One conversation, or all of them; live by the socket of the provider, in the height that it is given. */
export function Chat({ conversationId, roomId }: ChatProps) {
  const id = idOf(conversationId ?? roomId);
  return id === undefined ? <Whole /> : <Whole conversation={id} panes="thread" />;
}

export default Chat;
