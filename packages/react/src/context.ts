import type { CarillonClient, Notification } from "@carillon/client";
import { createContext, useContext } from "react";
import type { ChatLabels } from "./labels/chat.js";
import type { Labels, Language } from "./labels.js";
import type { Sound } from "./sound.js";
import type { Toasts } from "./toasts.js";

/** What a click on a notification opens inside the host; the notification is there for hosts that look at its data. */
export type Navigate = (url: string, notification?: Notification) => void;

/** Any text of Carillon, in the host's own words. */
export type LabelOverrides = Partial<Labels & ChatLabels>;

export interface CarillonContextValue {
  /** Null until the provider is mounted, when it makes the client itself. */
  readonly client: CarillonClient | null;
  readonly labels: Labels;
  /** The host's own words, over those of the language. */
  readonly overrides: LabelOverrides | undefined;
  readonly language: Language;
  readonly onNavigate: Navigate | undefined;
  readonly toasts: Toasts;
  /** Null where the host wants no sound. */
  readonly sound: Sound | null;
}

export const CarillonContext = createContext<CarillonContextValue | null>(null);

/** What the nearest `<CarillonProvider>` gives; throws where there is none. */
export function useCarillon(): CarillonContextValue {
  const value = useContext(CarillonContext);
  if (!value) throw new Error("Carillon components and hooks need a <CarillonProvider> above them.");
  return value;
}

/** Every text in the current language. */
export function useLabels(): Labels {
  return useCarillon().labels;
}
