import { useEffect } from "react";

/** Names the page in the tab; the bell puts its count before it. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Carillon`;
  }, [title]);
}
