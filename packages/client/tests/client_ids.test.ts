/** Keys of writes: UUIDs that rise with time. */
import { describe, expect, it } from "vitest";
import { createClientId } from "../src/writes.js";

describe("the keys of writes", () => {
  it("are UUIDs of version 7", () => {
    expect(createClientId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("begin with the time, so that later ones come later", () => {
    const now = Date.UTC(2026, 10, 21);
    expect(createClientId(now).replace("-", "").slice(0, 12)).toBe(now.toString(16).padStart(12, "0"));
    expect(createClientId(now) < createClientId(now + 1)).toBe(true);
    expect(createClientId(now + 1) < createClientId(now + 256)).toBe(true);
  });

  it("differ within a millisecond", () => {
    expect(new Set(Array.from({ length: 1000 }, () => createClientId(0))).size).toBe(1000);
  });
});
