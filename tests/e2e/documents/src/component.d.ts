// A snippet whose hooks are called inside a component, as React wants it.
declare module "*?component" {
  import type { ReactNode } from "react";

  export function Snippet(): ReactNode;
}
