import { useEffect, useState } from "react";

/** Calls `loadMore` whenever the element given to the returned ref comes near the view, while there is more. */
export function usePaging(isReady: boolean, loadMore: () => void): (element: HTMLElement | null) => void {
  const [end, endRef] = useState<HTMLElement | null>(null);
  useEffect(() => {
    if (!end || !isReady || typeof IntersectionObserver === "undefined") return;
    // Of several entries the last one is how it is now.
    const observer = new IntersectionObserver((entries) => entries.at(-1)?.isIntersecting && loadMore(), {
      root: end.closest(".carillon-panel-body"),
      rootMargin: "600px",
    });
    observer.observe(end);
    return () => observer.disconnect();
  }, [end, isReady, loadMore]);
  return endRef;
}
