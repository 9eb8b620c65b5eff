// Source 001, `frontend/src/apps/mentor/components/notifications/NotificationList.tsx`.
export { NotificationList } from "@carillon/react/compat";
