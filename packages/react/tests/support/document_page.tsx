/** A page as the documents describe it: list and badge from the socket's messages, calls by services. */
import { useState } from "react";
import type { BellMessage, FlatNotification, WebSocketHandle } from "../../src/compat/index";
import { useWebSocket } from "../../src/compat/index";

type Shown = Pick<FlatNotification, "id" | "title" | "is_read">;

/** What a page shows, and its socket; `latest` of a rendered page is of its last render. */
export interface DocumentPage {
  ws: WebSocketHandle;
  messages: BellMessage[];
  list: readonly Shown[];
  unread: number | null;
  errors: string[];
  /** Takes an answer of REST, as the page's own code would. */
  take: (change: { list?: readonly Shown[]; one?: Shown; gone?: string; unread?: number }) => void;
}

interface Props {
  url: string;
  protocols: readonly string[];
  token: string | null;
  page: DocumentPage;
}

/** One page in front of `/ws/notifications/`; it writes what it shows into `page`. */
export function Documented({ url, protocols, token, page }: Props) {
  const [unread, setUnread] = useState<number | null>(null);
  const [list, setList] = useState<readonly Shown[]>([]);
  page.ws = useWebSocket({
    url,
    protocols,
    getToken: () => token,
    onMessage: (message) => {
      page.messages.push(message);
      if (message.type === "error") page.errors.push(message.code);
      else setUnread(message.unread_count);
      if (message.type === "notification") setList((before) => [message.notification, ...before]);
    },
  });
  page.take = (change) => {
    const { one, gone } = change;
    if (change.list) setList(change.list);
    if (one) setList((before) => before.map((item) => (item.id === one.id ? one : item)));
    if (gone) setList((before) => before.filter(({ id }) => id !== gone));
    if (change.unread !== undefined) setUnread(change.unread);
  };
  page.unread = unread;
  page.list = list;
  return (
    <main>
      <output aria-label="badge">{unread ?? "?"}</output>
      <ul>
        {list.map(({ id, title, is_read }) => (
          <li key={id}>{is_read ? title : <strong>{title}</strong>}</li>
        ))}
      </ul>
    </main>
  );
}
