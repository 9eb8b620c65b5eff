// Source 001, `frontend/src/hooks/useNotifications.ts`.
export { useNotifications } from "@carillon/react/compat";
