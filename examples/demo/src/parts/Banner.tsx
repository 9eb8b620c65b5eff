import type { ReactNode } from "react";
import { Glyph } from "./Glyph";

/** One sentence about what went wrong and what to do. */
export function Banner({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="banner" role="alert">
      <Glyph name="alert" />
      <p>
        <strong>{title}</strong> {children}
      </p>
    </div>
  );
}
