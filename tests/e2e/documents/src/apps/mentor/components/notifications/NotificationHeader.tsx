// Source 001, `frontend/src/apps/mentor/components/notifications/NotificationHeader.tsx`.
export { NotificationHeader } from "@carillon/react/compat";
