// Source 001, `frontend/src/apps/mentor/pages/Notifications.tsx`: a page of the host's own, of the two components.
import { NotificationHeader } from "../components/notifications/NotificationHeader";
import { NotificationList } from "../components/notifications/NotificationList";

export default function Notifications() {
  return (
    <main>
      <NotificationHeader />
      <NotificationList />
    </main>
  );
}
