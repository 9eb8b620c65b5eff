// Source 001, `frontend/src/apps/mentee/pages/Notifications.tsx`: the page as it comes.
export { default } from "@carillon/react/compat/pages/Notifications";
