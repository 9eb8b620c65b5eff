// Source 001, `frontend/src/apps/mentee/components/notifications/NotificationList.tsx`.
export { NotificationList } from "@carillon/react/compat";
