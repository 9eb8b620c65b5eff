/** When to come back, code by code. */
import { describe, expect, it } from "vitest";
import { backoff, type Closed, type Failures, nextStep, parseCloseReason } from "../src/backoff.js";

const middle = () => 0.5;

function closed(code: number, change: Partial<Closed> = {}): Closed {
  return { code, slug: "slug", message: "", retryAfter: null, reconnectIn: null, topic: null, ...change };
}

function failures(change: Partial<Failures> = {}): Failures {
  return { attempt: 1, hasRefreshed: false, hasForgiven: false, ...change };
}

function delay(code: number, change: Partial<Closed> = {}, attempt = 1, random = middle): number {
  const step = nextStep(closed(code, change), failures({ attempt }), random);
  if (step.kind !== "wait") throw new Error(`${code} stops`);
  return step.delay;
}

describe("backoff", () => {
  it("doubles from one second to thirty covers(004-34)", () => {
    const delays = Array.from({ length: 9 }, (_, index) => backoff(index + 1, middle));
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
  });

  it("stays within 20 % on both sides covers(004-35)", () => {
    for (let attempt = 1; attempt <= 9; attempt += 1) {
      const base = backoff(attempt, middle);
      expect(backoff(attempt, () => 0)).toBe(Math.round(base * 0.8));
      expect(backoff(attempt, () => 0.999_999)).toBeLessThanOrEqual(Math.round(base * 1.2));
      expect(backoff(attempt, () => 0.999_999)).toBeGreaterThan(base * 1.19);
    }
  });
});

describe("nextStep", () => {
  it.each([1000, 1008, 4000, 4005, 4011])("never comes back after %i covers(004-33)", (code) => {
    expect(nextStep(closed(code), failures(), middle)).toEqual({ kind: "stop", slug: "slug" });
  });

  it.each([1001, 1006, 1009, 1011, 4001, 3999, 4999])("comes back with back-off after %i", (code) => {
    expect(delay(code)).toBe(1_000);
    expect(delay(code, {}, 4)).toBe(8_000);
  });

  it.each([1002, 1003, 1007])("forgives %i once", (code) => {
    expect(nextStep(closed(code), failures(), middle)).toMatchObject({ kind: "wait", isForgiven: true });
    expect(nextStep(closed(code), failures({ hasForgiven: true }), middle).kind).toBe("stop");
  });

  it("refreshes the token once after 4002", () => {
    expect(nextStep(closed(4002), failures(), middle)).toMatchObject({ kind: "wait", delay: 0, refreshToken: true });
    expect(nextStep(closed(4002), failures({ hasRefreshed: true }), middle).kind).toBe("stop");
  });

  it.each([4009, 4010, 4012])("comes back at once after %i, then with back-off", (code) => {
    expect(delay(code)).toBe(0);
    expect(delay(code, {}, 3)).toBe(4_000);
  });

  it("spreads over five seconds after a restart, or comes when the drain frame said", () => {
    expect(delay(1012, {}, 1, () => 0)).toBe(0);
    expect(delay(1012, {}, 1, () => 0.999)).toBeLessThanOrEqual(5_000);
    expect(delay(1012, { reconnectIn: 1_234 }, 3)).toBe(1_234);
  });

  it("waits at least thirty seconds after 4006 and 4003", () => {
    for (const code of [4003, 4006]) {
      for (const chance of [0, 0.5, 0.99]) expect(delay(code, {}, 1, () => chance)).toBeGreaterThanOrEqual(30_000);
    }
  });

  it("honours retry_after of 1013 and 4008", () => {
    for (const code of [1013, 4008]) {
      for (const chance of [0, 0.99]) {
        expect(delay(code, { retryAfter: 17 }, 1, () => chance)).toBeGreaterThanOrEqual(17_000);
      }
      expect(delay(code)).toBe(1_000);
    }
  });

  it("gives up after ten failures in a row covers(004-36)", () => {
    expect(nextStep(closed(1006), failures({ attempt: 9 }), middle).kind).toBe("wait");
    expect(nextStep(closed(1006), failures({ attempt: 10 }), middle)).toEqual({ kind: "stop", slug: "gave_up" });
  });
});

describe("parseCloseReason", () => {
  it("reads slug and retry_after", () => {
    expect(parseCloseReason("rate_limited;retry_after=30")).toEqual({ slug: "rate_limited", retryAfter: 30 });
    expect(parseCloseReason("busy")).toEqual({ slug: "busy", retryAfter: null });
    expect(parseCloseReason("")).toEqual({ slug: "", retryAfter: null });
    expect(parseCloseReason("busy;retry_after=soon")).toEqual({ slug: "busy", retryAfter: null });
  });
});
