/** `components/NotificationBadge` of source 001: the bell for the header (REQUIREMENTS 001-30). */
export {
  NotificationBell as NotificationBadge,
  type NotificationBellProps,
} from "../../components/NotificationBell.js";
