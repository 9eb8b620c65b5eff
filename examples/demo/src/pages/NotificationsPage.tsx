import { NotificationCenter } from "@carillon/react";
import { usePageTitle } from "../parts/usePageTitle";
import { useWords } from "../words";

/** The whole inbox. */
export function NotificationsPage() {
  usePageTitle(useWords().notifications);
  return <NotificationCenter />;
}
