import { type CarillonClient, type ClientOptions, createClient } from "@carillon/client";
import { type ReactNode, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { ToastRegion } from "./components/ToastRegion.js";
import { CarillonContext, type CarillonContextValue, type LabelOverrides, type Navigate } from "./context.js";
import { createLabels, type Language, languageOf } from "./labels.js";
import { Sound } from "./sound.js";
import { Toasts } from "./toasts.js";

export interface CarillonProviderProps {
  children?: ReactNode;
  /** A client that the host made; the provider starts its connection and stops it when it leaves. */
  client?: CarillonClient;
  /** Read once, when no `client` is given: the provider then makes, and finally destroys, its own. */
  options?: ClientOptions;
  /** The host's own words, over those of the language. */
  labels?: LabelOverrides;
  /** French or English; else the signed-in person's, else the page's, else the browser's. */
  language?: Language;
  /** Opens a URL of this site without loading a page. Without it links behave as links. */
  onNavigate?: Navigate;
  /** A short bell on arrival, muted by the person (default true). */
  sound?: boolean;
}

const never = () => () => {};
const nothing = () => null;

/** Makes its own client after mounting, where the host gave none: what is made while rendering would be made twice. */
function useOwnClient(given: CarillonClient | undefined, options: ClientOptions | undefined): CarillonClient | null {
  const [own, setOwn] = useState<CarillonClient | null>(null);
  const read = useRef(options);
  const isOwn = given === undefined;
  useEffect(() => {
    if (!isOwn) return;
    const client = createClient(read.current);
    if (read.current?.auth === "cookie") void client.session.restore();
    setOwn(client);
    return () => {
      setOwn(null);
      client.destroy();
    };
  }, [isOwn]);
  return given ?? own;
}

/** The signed-in person's language, as the client knows it. */
function useSessionLanguage(client: CarillonClient | null): string | null {
  const state = client?.session.state;
  return useSyncExternalStore(state?.subscribe ?? never, () => state?.getSnapshot().language ?? null, nothing);
}

function pageLanguage(): string | undefined {
  if (typeof document === "undefined") return undefined;
  return document.documentElement.lang || navigator.language;
}

/** Gives hooks and components below it their client, words and sound, and shows their toasts. */
export function CarillonProvider(props: CarillonProviderProps) {
  const { children, labels: overrides, sound: wantsSound = true } = props;
  const client = useOwnClient(props.client, props.options);
  const sessionLanguage = useSessionLanguage(client);
  const language = props.language ?? languageOf(sessionLanguage ?? pageLanguage());
  const [toasts] = useState(() => new Toasts());
  const [sound] = useState(() => new Sound());

  useEffect(() => {
    client?.connection.start();
    return () => client?.connection.stop();
  }, [client]);
  useEffect(() => {
    if (client) client.language = language;
  }, [client, language]);
  useEffect(() => (wantsSound ? sound.listen() : undefined), [sound, wantsSound]);

  const navigate = useRef(props.onNavigate);
  useEffect(() => {
    navigate.current = props.onNavigate;
  });
  const hasNavigate = props.onNavigate !== undefined;

  const value = useMemo<CarillonContextValue>(
    () => ({
      client,
      language,
      labels: createLabels(language, overrides),
      overrides,
      onNavigate: hasNavigate ? (url, notification) => navigate.current?.(url, notification) : undefined,
      toasts,
      sound: wantsSound ? sound : null,
    }),
    [client, language, overrides, hasNavigate, toasts, sound, wantsSound],
  );
  return (
    <CarillonContext.Provider value={value}>
      {children}
      <ToastRegion />
    </CarillonContext.Provider>
  );
}
