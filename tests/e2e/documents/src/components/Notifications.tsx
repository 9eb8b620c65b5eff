// Source 000, `frontend/src/components/Notifications.tsx`.
export { Notifications } from "@carillon/react/compat";
