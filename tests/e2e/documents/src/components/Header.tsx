// Source 000, "intégré dans le Header", and source 001, "badge cloche pour header".
import { useNotifications } from "../hooks/useNotifications";
import { NotificationBadge } from "./NotificationBadge";
import { Notifications } from "./Notifications";

export function Header({ isMentoring }: { isMentoring: boolean }) {
  const { unreadCount, isConnected } = useNotifications();
  return (
    <header>
      {isMentoring ? <NotificationBadge href="/documents/mentee" /> : <Notifications href="/documents/mentee" />}
      <output data-connected={isConnected}>{unreadCount}</output>
    </header>
  );
}
