/** Options from the environment that Next.js and Vite compile into a page. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const warn = vi.fn();

beforeEach(() => {
  vi.resetModules();
  vi.stubGlobal("console", { warn });
});

afterEach(() => {
  warn.mockReset();
  vi.unstubAllGlobals();
});

async function read(env: Record<string, unknown>) {
  const { configFromEnv } = await import("../src/config.js");
  return configFromEnv(env);
}

describe("the server's address", () => {
  it.each([
    [{ NEXT_PUBLIC_WS_HOST: "localhost:8000", NEXT_PUBLIC_WS_PROTOCOL: "ws" }, { baseUrl: "http://localhost:8000" }],
    [
      { NEXT_PUBLIC_WS_HOST: "chat.example.org", NEXT_PUBLIC_WS_PROTOCOL: "wss" },
      { baseUrl: "https://chat.example.org" },
    ],
    [
      { NEXT_PUBLIC_WS_HOST: "chat.example.org", NEXT_PUBLIC_WS_PROTOCOL: "wss://" },
      { baseUrl: "https://chat.example.org" },
    ],
    [{ NEXT_PUBLIC_WS_HOST: "wss://chat.example.org/ws/chat/" }, { baseUrl: "https://chat.example.org" }],
    [{ NEXT_PUBLIC_WS_HOST: " [::1]:8000/ ", NEXT_PUBLIC_WS_PROTOCOL: "ws" }, { baseUrl: "http://[::1]:8000" }],
    [{ VITE_WS_HOST: "localhost:8000" }, { baseUrl: "http://localhost:8000" }],
    [
      { VITE_API_BASE_URL: "http://localhost:8000/api/v1", VITE_WS_HOST: "localhost:8000" },
      { baseUrl: "http://localhost:8000", apiPath: "/api/v1" },
    ],
    [{ VITE_API_BASE_URL: "https://example.org/" }, { baseUrl: "https://example.org" }],
    [{ VITE_API_BASE_URL: "/backend/api" }, { apiPath: "/backend/api" }],
    [{}, {}],
    [{ NEXT_PUBLIC_WS_HOST: "", NEXT_PUBLIC_WS_PROTOCOL: undefined }, {}],
  ])("of %j is %j covers(002-01, 002-02, 002-04, 003-78)", async (env, wanted) => {
    expect(await read(env)).toEqual(wanted);
  });

  it("takes the page's own protocol when none is given covers(002-02)", async () => {
    vi.stubGlobal("location", { protocol: "https:" });
    expect(await read({ NEXT_PUBLIC_WS_HOST: "localhost:8000" })).toEqual({ baseUrl: "https://localhost:8000" });
  });

  it.each([
    [{ NEXT_PUBLIC_WS_HOST: "local host" }],
    [{ NEXT_PUBLIC_WS_HOST: "user:pass@host" }],
    [{ NEXT_PUBLIC_WS_HOST: "javascript:alert(1)" }],
    [{ NEXT_PUBLIC_WS_HOST: "localhost", NEXT_PUBLIC_WS_PROTOCOL: "ftp" }],
    [{ VITE_API_BASE_URL: "ftp://example.org" }],
    [{ VITE_API_BASE_URL: "https://one.example", VITE_WS_HOST: "two.example" }],
  ])("is refused in %j", async (env) => {
    await expect(read(env)).rejects.toThrow(TypeError);
  });
});

it("hands out the token with one warning that everybody can read it covers(002-03)", async () => {
  const { getToken } = await read({ NEXT_PUBLIC_API_TOKEN: "demo.token.x" });
  await read({ VITE_API_TOKEN: "demo.token.x" });
  expect(getToken?.({ isStale: false })).toBe("demo.token.x");
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn.mock.calls[0]?.[0]).toMatch(/demos only/);
});
