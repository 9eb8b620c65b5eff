/** `hooks/useWebSocket` of source 000: one JSON socket, kept open (REQUIREMENTS 000-25 to 000-29). */
import type { CarillonClient, ClientError } from "@carillon/client";
import {
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { CarillonContext } from "../../context.js";
import { BELL_PROTOCOL, type BellMessage } from "../bell.js";
import { credentialOf, type GetToken } from "../credential.js";
import { CLOSED, JsonSocket, notOpen, type SocketState } from "../json_socket.js";

export interface WebSocketOptions<Message = BellMessage> {
  /** A path of this site, or an address; null for none yet. */
  url: string | null;
  /** Called once for each message, parsed, in order; always the function of the last render. */
  onMessage?: (message: Message) => void;
  /** Default true: comes back after a loss, by the rules of the close codes. */
  reconnect?: boolean;
  /** The host's JWT. Without it a `<CarillonProvider>` above signs in on this site; without that, the session cookie. */
  getToken?: GetToken;
  /** Default `["carillon.bell"]`; read by its values. */
  protocols?: readonly string[];
  onClose?: (closed: { code: number; reason: string }) => void;
  /** Told of what could not be sent or read; without it the console is. */
  onError?: (error: ClientError) => void;
}

export interface WebSocketHandle {
  /** Sends an object as JSON; false, and an error `not_open`, while the socket is not open. The same function for life. */
  readonly send: (message: object) => boolean;
  readonly isConnected: boolean;
  readonly status: SocketState["status"];
  /** The code of the last close; after 4002 another token is asked for, once (GUARANTEES 7.1). */
  readonly closeCode: number | null;
  /** Tries again now, whatever stopped it. */
  readonly retry: () => void;
}

const BELL = [BELL_PROTOCOL];
const never = () => () => {};
const closed = () => CLOSED;

/** `url` as a socket's address; `ws` for `http` and `wss` for `https`. */
function addressOf(url: string): string {
  return new URL(url, location.href).href.replace(/^http/, "ws");
}

/** The client that may vouch for us at `url`: only on our own site, else the ticket would leave it. */
function useVoucher(url: string | null, hasToken: boolean): CarillonClient | null {
  const client = useContext(CarillonContext)?.client ?? null;
  const isOurs = url !== null && /^\/(?!\/)/.test(url);
  return isOurs && !hasToken ? client : null;
}

/** Who is signed in with `client`: null for nobody, so that a socket closes with its session. */
function usePerson(client: CarillonClient | null): string | null {
  const state = client?.session.state;
  const read = () => {
    if (!state) return "";
    const { status, person } = state.getSnapshot();
    return status === "signed-in" ? (person?.id ?? "") : null;
  };
  const who = useSyncExternalStore(state?.subscribe ?? never, read, () => null);
  const [kept, keep] = useState(who);
  // A host's session learns only from its first greeting who it is; that is nobody else.
  const isSame = who === kept || (kept === "" && who !== null);
  if (!isSame) keep(who);
  return isSame ? kept : who;
}

function report(error: ClientError): void {
  // biome-ignore lint/suspicious/noConsole: who listens to no errors should at least find them
  console.error(error);
}

/** Keeps one JSON socket open while mounted, also in Strict Mode. Messages go straight to `onMessage`, never through React state. */
export function useWebSocket<Message = BellMessage>(options: WebSocketOptions<Message>): WebSocketHandle {
  const { url, reconnect = true, protocols = BELL, getToken } = options;
  const voucher = useVoucher(url, getToken !== undefined);
  const person = usePerson(voucher);
  const isWanted = url !== null && person !== null;
  const offered = protocols.join();
  const [socket, setSocket] = useState<JsonSocket | null>(null);
  const current = useRef<JsonSocket | null>(null);
  const latest = useRef(options);
  useLayoutEffect(() => {
    latest.current = options;
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: another person needs another socket
  useEffect(() => {
    if (!isWanted) return;
    const opened = new JsonSocket({
      url: addressOf(url),
      protocols: offered === "" ? [] : offered.split(","),
      reconnect,
      credential: (isStale) => credentialOf(latest.current.getToken, voucher, isStale),
      onMessage: (message) => latest.current.onMessage?.(message as Message),
      onClose: (code, reason) => latest.current.onClose?.({ code, reason }),
      onError: (error) => (latest.current.onError ?? report)(error),
    });
    current.current = opened;
    setSocket(opened);
    opened.start();
    return () => {
      current.current = null;
      setSocket(null);
      opened.destroy();
    };
  }, [isWanted, url, offered, reconnect, voucher, person]);

  const { status, code } = useSyncExternalStore(
    socket?.state.subscribe ?? never,
    socket?.state.getSnapshot ?? closed,
    closed,
  );
  const send = useCallback((message: object) => {
    if (current.current) return current.current.send(message);
    (latest.current.onError ?? report)(notOpen());
    return false;
  }, []);
  const retry = useCallback(() => current.current?.retry(), []);
  return useMemo(
    () => ({ send, retry, isConnected: status === "open", status, closeCode: code }),
    [send, retry, status, code],
  );
}

/** The hook with the host's own defaults, for its `src/hooks/useWebSocket.ts`: what a caller passes goes over them. */
export function createUseWebSocket(
  defaults: Pick<WebSocketOptions, "getToken" | "protocols" | "onError" | "reconnect">,
) {
  return function useConfiguredWebSocket<Message = BellMessage>(options: WebSocketOptions<Message>): WebSocketHandle {
    return useWebSocket<Message>({ ...defaults, ...options });
  };
}
