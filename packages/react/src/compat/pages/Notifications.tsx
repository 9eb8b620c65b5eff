/**
 * `pages/Notifications` of source 001 (REQUIREMENTS 001-31, C27). The document has one in the mentor's application and one
 * in the mentee's: both are this page, each of its own person.
 */
import { NotificationCenter } from "../../components/NotificationCenter.js";

/** The whole page: inbox, snoozed and archive, search, keys. */
export function Notifications() {
  return <NotificationCenter />;
}

export { Notifications as MenteeNotifications, Notifications as MentorNotifications };
export default Notifications;
