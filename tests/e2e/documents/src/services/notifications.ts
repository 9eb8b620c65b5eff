// Source 001, `frontend/src/services/notifications.ts`; and the same by the documents' own addresses.
import { createBellService, createMentoringService, createNotificationsService } from "@carillon/react/compat";
import { client, getToken } from "../client";

export const notifications = createNotificationsService(client);
export const bell = createBellService({ getToken });
export const mentoring = createMentoringService({ getToken });
