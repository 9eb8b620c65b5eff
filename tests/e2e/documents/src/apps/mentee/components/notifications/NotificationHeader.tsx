// Source 001, `frontend/src/apps/mentee/components/notifications/NotificationHeader.tsx`.
export { NotificationHeader } from "@carillon/react/compat";
