import { useCallback } from "react";
import { useCarillon } from "../context.js";
import type { ToastRequest } from "../toasts.js";

/** Shows one sentence at the foot of the page, with at most one action; it takes the place of the last. */
export function useToast(): (request: ToastRequest) => void {
  const { toasts } = useCarillon();
  return useCallback((request: ToastRequest) => void toasts.show(request), [toasts]);
}
