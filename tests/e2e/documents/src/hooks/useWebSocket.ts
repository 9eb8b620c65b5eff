// Source 000, `frontend/src/hooks/useWebSocket.ts`.
import { createUseWebSocket } from "@carillon/react/compat";
import { getToken } from "../client";

export const useWebSocket = createUseWebSocket({ getToken });
