/** Addresses of the server. */
import { describe, expect, it } from "vitest";
import { apiUrl, isSubprotocolToken, openSocket, socketUrl } from "../src/urls.js";

describe("addresses", () => {
  it("are wss wherever the page or the server is https covers(004-09)", () => {
    expect(socketUrl({ baseUrl: "https://example.org" })).toBe("wss://example.org/ws/");
    expect(socketUrl({ baseUrl: "http://localhost:8000/" })).toBe("ws://localhost:8000/ws/");
    expect(socketUrl({ baseUrl: "https://example.org/rt", socketPath: "/live/" })).toBe("wss://example.org/rt/live/");
  });

  it("of REST keep the host's prefix", () => {
    expect(apiUrl({ baseUrl: "https://example.org/rt/" })).toBe("https://example.org/rt/api/v1");
    expect(apiUrl({ baseUrl: "https://example.org", apiPath: "/carillon/" })).toBe("https://example.org/carillon");
  });

  it("need a page or a baseUrl", () => {
    expect(() => socketUrl({})).toThrow(/baseUrl/);
  });

  it("never carry the token: it goes beside the protocol's name", () => {
    const opened: unknown[] = [];
    class Recorder {
      constructor(...given: unknown[]) {
        opened.push(...given);
      }
    }
    openSocket({ baseUrl: "https://example.org", WebSocket: Recorder as unknown as typeof WebSocket }, "a.b.c");
    expect(opened).toEqual(["wss://example.org/ws/", ["carillon.v1", "bearer.a.b.c"]]);
  });

  it("a token that no subprotocol may carry is recognised", () => {
    expect(isSubprotocolToken("eyJ.x-_y.z")).toBe(true);
    expect(isSubprotocolToken("two words")).toBe(false);
  });
});
