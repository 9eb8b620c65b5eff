import { lazy, Suspense } from "react";

const EmojiPicker = lazy(() => import("./EmojiPicker.js"));

export interface EmojiRequest {
  /** What opened it: it stands beside it, and gives the focus back to it. */
  readonly anchor: HTMLElement;
  readonly onPick: (emoji: string) => void;
}

/** The emoji picker, whose code and list come when it is first opened. */
export function Emojis({ request, onClose }: { request: EmojiRequest | null; onClose: () => void }) {
  if (!request) return null;
  return (
    <Suspense fallback={null}>
      <EmojiPicker request={request} onClose={onClose} />
    </Suspense>
  );
}
