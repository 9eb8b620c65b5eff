// Source 001, `frontend/src/components/NotificationBadge.tsx`.
export { NotificationBadge } from "@carillon/react/compat";
