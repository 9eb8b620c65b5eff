/** `components/Notifications` of source 000: for the header, live, with its badge (REQUIREMENTS 000-30 to 000-32). */
export { NotificationBell as Notifications, type NotificationBellProps } from "../../components/NotificationBell.js";
