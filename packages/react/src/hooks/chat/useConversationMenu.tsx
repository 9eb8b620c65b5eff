import type { ConversationSnapshot, ConversationStore, ConversationsStore, Person } from "@carillon/client";
import { FOREVER } from "@carillon/client";
import { useState } from "react";
import { isMutedForever } from "../../chat/mute.js";
import { type ChatWords, useChatWords } from "../../chat/words.js";
import { ChatIcon } from "../../components/chat/ChatIcon.js";
import type { MenuItem, MenuRequest } from "../../components/Menu.js";
import { useCarillon } from "../../context.js";
import { dueTime } from "../../format.js";

export type HeaderDialog = "members" | "rename" | "add" | "leave" | "block";

interface Options {
  snapshot: ConversationSnapshot;
  store: ConversationStore;
  list: ConversationsStore | null;
  me: Person | null;
  onHelp: () => void;
}

const HOUR = 3_600_000;

/** For how long a conversation may be muted. */
function muteChoices(words: ChatWords): { label: string; until: Date | string }[] {
  const at = (days: number) => {
    const date = new Date();
    date.setDate(date.getDate() + days);
    date.setHours(9, 0, 0, 0);
    return date;
  };
  const toMonday = (8 - new Date().getDay()) % 7 || 7;
  return [
    { label: words.inAnHour, until: new Date(Date.now() + HOUR) },
    { label: words.tomorrowMorning, until: at(1) },
    ...(toMonday > 1 ? [{ label: words.nextMonday, until: at(toMonday) }] : []),
    { label: words.forever, until: FOREVER },
  ];
}

/** The menu of a conversation, and which dialog it has opened. */
export function useConversationMenu({ snapshot, store, list, me, onHelp }: Options) {
  const words = useChatWords();
  const { toasts } = useCarillon();
  const [request, setRequest] = useState<MenuRequest | null>(null);
  const [dialog, setDialog] = useState<HeaderDialog | null>(null);
  const { conversation, members, mine } = snapshot;
  const other = members.find(({ person }) => person.id !== me?.id)?.person;

  const mute = (until: Date | string | null) => {
    const handle = store.mute(until);
    const when = until === null ? "" : dueTime(new Date(until).getTime(), Date.now(), words);
    const text = until === null ? words.unmuted : isMutedForever(until) ? words.mutedForever : words.mutedUntil(when);
    toasts.show({ text, action: { label: words.undo, run: () => void handle.undo(), isUndo: true } });
  };
  const muteItem = (anchor: HTMLElement): MenuItem => {
    const isMuted = mine?.muted_until != null && Date.parse(mine.muted_until) > Date.now();
    if (isMuted) return { label: words.unmuteConversation, icon: "bell", run: () => mute(null) };
    const items = muteChoices(words).map(({ label, until }) => ({ label, run: () => mute(until) }));
    const choose = () => setRequest({ anchor, title: words.muteFor, items });
    return { label: words.muteConversation, icon: <ChatIcon name="bellOff" />, run: choose };
  };
  const directItems = (): MenuItem[] => {
    if (!other) return [];
    const unblock = () => {
      list?.unblock(other.id);
      toasts.show({ text: words.unblocked(other.name) });
    };
    return mine?.blocks
      ? [{ label: words.unblock(other.name), icon: <ChatIcon name="block" />, run: unblock }]
      : [{ label: words.block(other.name), icon: <ChatIcon name="block" />, run: () => setDialog("block") }];
  };
  const groupItems = (): MenuItem[] => {
    // In a group all may bring somebody along; a room is its admins'.
    const isPlain = conversation?.kind === "room" && mine?.role === "member";
    return [
      { label: words.showMembers, icon: <ChatIcon name="users" />, run: () => setDialog("members") },
      ...(isPlain
        ? []
        : [
            { label: words.addPeople, icon: <ChatIcon name="userPlus" />, run: () => setDialog("add") },
            { label: words.rename, icon: <ChatIcon name="edit" />, run: () => setDialog("rename") },
          ]),
      { label: words.leave, icon: <ChatIcon name="leave" />, run: () => setDialog("leave") },
    ];
  };
  const open = (anchor: HTMLElement, title: string) => {
    const own = conversation?.kind === "direct" ? directItems() : groupItems();
    const help: MenuItem = { label: words.shortcuts, icon: "keyboard", run: onHelp };
    setRequest({ anchor, title, items: [muteItem(anchor), ...own, help] });
  };
  return {
    request,
    dialog,
    open,
    showMembers: () => setDialog("members"),
    close: () => setDialog(null),
    closeMenu: () => setRequest((now) => (now === request ? null : now)),
  };
}
