import { useCallback, useSyncExternalStore } from "react";
import { useCarillon } from "../context.js";

const never = () => () => {};
const silent = () => true;

/** Whether the bell is muted, and how to change it; a provider without sound is always muted. */
export function useSound(): { isMuted: boolean; setMuted: (isMuted: boolean) => void } {
  const { sound } = useCarillon();
  const isMuted = useSyncExternalStore(sound?.isMuted.subscribe ?? never, sound?.isMuted.getSnapshot ?? silent, silent);
  const setMuted = useCallback((value: boolean) => sound?.setMuted(value), [sound]);
  return { isMuted, setMuted };
}
