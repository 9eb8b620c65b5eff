/** Our own sign-in: cookie refresh, one at a time, across tabs, and what follows from its end. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type CarillonClient, ClientError, createClient } from "../src/index.js";
import { ALICE, BRUNO, FakeServer, problem, settle } from "./support/fake_server.js";

let server: FakeServer;
let client: CarillonClient;
let issued: number;

function grant(person = ALICE) {
  issued += 1;
  return { body: { access: `t.${issued}.x`, expires_in: 600, person, language: "fr", time_zone: "Europe/Paris" } };
}

beforeEach(() => {
  vi.useFakeTimers();
  issued = 0;
  server = new FakeServer();
  server.on("POST /auth/login/", () => grant());
  server.on("POST /auth/refresh/", () => grant());
  server.on("POST /auth/logout/", () => ({ status: 204 }));
  server.on("GET /me/", ({ headers }) => ({ body: { token: headers.Authorization } }));
  client = createClient(server.options({ auth: "cookie" }));
});

afterEach(() => {
  client.destroy();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const session = () => client.session.state.getSnapshot();
const connection = () => client.connection.state.getSnapshot();

describe("restore", () => {
  it("begins by not knowing, and finds the person by the cookie", async () => {
    expect(session().status).toBe("restoring");
    await client.session.restore();
    expect(session()).toEqual({
      status: "signed-in",
      person: ALICE,
      language: "fr",
      timeZone: "Europe/Paris",
      reason: null,
    });
  });

  it("ends anonymous, at once and without fuss, when there is no cookie", async () => {
    server.on("POST /auth/refresh/", () => problem(401, "unauthenticated"));
    expect(await client.session.restore()).toMatchObject({ status: "anonymous", reason: null });
    expect(server.count("POST /auth/refresh/")).toBe(1);
  });

  it("asks twice when another tab used the cookie first", async () => {
    let count = 0;
    server.on("POST /auth/refresh/", () => {
      count += 1;
      return count === 1 ? problem(401, "token_invalid") : grant();
    });
    const restored = client.session.restore();
    await vi.advanceTimersByTimeAsync(500);
    expect((await restored).status).toBe("signed-in");
    expect(count).toBe(2);
  });

  it("tries again while the server is away, then says so", async () => {
    server.on("POST /auth/refresh/", () => "network");
    const restored = client.session.restore();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await restored).toMatchObject({ status: "anonymous", reason: "unreachable" });
    expect(server.count("POST /auth/refresh/")).toBe(3);
  });

  it("is one request however often it is asked", async () => {
    await Promise.all([client.session.restore(), client.session.restore(), client.rest.get("/me/")]);
    await client.session.restore();
    expect(server.count("POST /auth/refresh/")).toBe(1);
  });

  it("takes its turn among the tabs", async () => {
    let release = () => {};
    const before = new Promise<void>((resolve) => {
      release = resolve;
    });
    const names: string[] = [];
    const locks = {
      request: async (name: string, work: () => Promise<unknown>) => {
        names.push(name);
        await before;
        return work();
      },
    };
    vi.stubGlobal("navigator", { locks });
    const restored = client.session.restore();
    await settle();
    expect(server.requests).toEqual([]);
    release();
    await restored;
    expect(names).toEqual(["carillon-refresh:https://example.test/api/v1"]);
  });
});

describe("signing in and out", () => {
  it("tells who it is and opens the connection with the new token", async () => {
    client.connection.start();
    await settle();
    expect(connection()).toMatchObject({ status: "idle", reason: { slug: "signed_out" } });
    expect(await client.session.signIn("alice", "alice")).toEqual(ALICE);
    await settle();
    expect(server.requests[0]?.body).toEqual({ username: "alice", password: "alice" });
    expect(server.last.protocols).toEqual(["carillon.v1", "bearer.t.1.x"]);
  });

  it("rejects with the server's own words, and stays out", async () => {
    server.on("POST /auth/login/", () => problem(401, "unauthenticated"));
    await expect(client.session.signIn("alice", "x")).rejects.toMatchObject({ code: "unauthenticated", status: 401 });
    expect(session().person).toBeNull();
  });

  it("closes the socket and forgets the token", async () => {
    client.connection.start();
    await client.session.signIn("alice", "alice");
    await settle();
    server.last.greets();
    await client.session.signOut();
    expect(server.last.closedWith?.code).toBe(1000);
    expect(session()).toMatchObject({ status: "anonymous", person: null, reason: "signed_out" });
    expect(connection().status).toBe("idle");
    await client.rest.get("/me/");
    expect(server.requests.at(-1)?.headers.Authorization).toBeUndefined();
  });

  it("ends by 4000: nobody is signed in, nothing reconnects until the next sign-in", async () => {
    client.connection.start();
    await client.session.signIn("alice", "alice");
    await settle();
    server.last.greets();
    server.last.fails(4000, "session_revoked");
    expect(session()).toMatchObject({ status: "anonymous", reason: "ended" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.sockets).toHaveLength(1);
    await client.session.signIn("alice", "alice");
    await settle();
    expect(server.sockets).toHaveLength(2);
  });

  it("connects anew for another person", async () => {
    client.connection.start();
    await client.session.signIn("alice", "alice");
    await settle();
    server.last.greets();
    server.on("POST /auth/login/", () => grant(BRUNO));
    await client.session.signIn("bruno", "bruno");
    await settle();
    expect(server.sockets).toHaveLength(2);
    expect(server.sockets[0]?.closedWith?.code).toBe(1000);
    expect(session().person).toEqual(BRUNO);
  });
});

describe("the access token", () => {
  it("goes with each request, with the language, and is renewed before it ends", async () => {
    client.language = "fr";
    await client.session.signIn("alice", "alice");
    expect(await client.rest.get("/me/")).toEqual({ token: "Bearer t.1.x" });
    expect(server.requests.at(-1)?.headers["Accept-Language"]).toBe("fr");
    await vi.advanceTimersByTimeAsync(540_000);
    expect(await client.rest.get("/me/")).toEqual({ token: "Bearer t.2.x" });
    expect(server.count("POST /auth/refresh/")).toBe(1);
  });

  it("is sent on the open socket when it was renewed", async () => {
    client.connection.start();
    await client.session.signIn("alice", "alice");
    await settle();
    server.last.greets();
    server.last.push({ type: "token_expiring", data: { expires_in: 60 } });
    await settle();
    expect(server.last.commands("authenticate")).toMatchObject([{ data: { token: "t.2.x" } }]);
    expect(server.sockets).toHaveLength(1);
  });

  it("is refreshed once on 401, and the request repeated once", async () => {
    await client.session.signIn("alice", "alice");
    server.on("GET /me/", ({ headers }) =>
      headers.Authorization === "Bearer t.1.x" ? problem(401, "token_expired") : { body: "fine" },
    );
    expect(await Promise.all([client.rest.get("/me/"), client.rest.get("/me/")])).toEqual(["fine", "fine"]);
    expect(server.count("POST /auth/refresh/")).toBe(1);
    server.on("GET /me/", () => problem(401, "token_expired"));
    await expect(client.rest.get("/me/")).rejects.toMatchObject({ code: "token_expired" });
    expect(server.count("POST /auth/refresh/")).toBe(2);
  });

  it("ends the session when the cookie is worth nothing any more", async () => {
    await client.session.signIn("alice", "alice");
    server.on("GET /me/", () => problem(401, "token_expired"));
    server.on("POST /auth/refresh/", () => problem(401, "unauthenticated"));
    await expect(client.rest.get("/me/")).rejects.toBeInstanceOf(ClientError);
    expect(session()).toMatchObject({ status: "anonymous", reason: "ended" });
  });

  it("survives a server that is away at renewal", async () => {
    await client.session.signIn("alice", "alice");
    server.on("POST /auth/refresh/", () => "network");
    await vi.advanceTimersByTimeAsync(560_000);
    expect(session().status).toBe("signed-in");
    server.on("POST /auth/refresh/", () => grant());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await client.rest.get("/me/")).toEqual({ token: "Bearer t.2.x" });
  });

  it("is refreshed once after 4002", async () => {
    client.connection.start();
    await client.session.signIn("alice", "alice");
    await settle();
    server.last.fails(4002, "token_expired");
    await vi.advanceTimersByTimeAsync(1);
    expect(server.last.protocols[1]).toBe("bearer.t.2.x");
    server.last.fails(4002, "token_invalid");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.sockets).toHaveLength(2);
    expect(connection().status).toBe("stopped");
  });
});

describe("profile", () => {
  it("follows the event that tells of a change", async () => {
    client.connection.start();
    await client.session.signIn("alice", "alice");
    await settle();
    server.last.greets();
    const data = { person: { ...ALICE, name: "Alice F." }, language: "en", time_zone: "UTC" };
    server.last.push({ type: "profile.updated", topic: "user:1", epoch: "e1", offset: 11, at: "", data });
    expect(session()).toMatchObject({ person: { name: "Alice F." }, language: "en", timeZone: "UTC" });
  });

  it("is changed by request", async () => {
    await client.session.signIn("alice", "alice");
    server.on("PATCH /me/", ({ body }) => ({ body: { person: ALICE, language: body?.language, time_zone: "UTC" } }));
    await client.session.updateProfile({ language: "en" });
    expect(session()).toMatchObject({ status: "signed-in", language: "en" });
  });
});

describe("a host's own session", () => {
  it("is signed in from the start, and learns from the greeting who it is", async () => {
    const host = createClient(server.options({ getToken: () => "a.b.c", headers: () => ({ "X-CSRFToken": "k" }) }));
    expect(host.session.state.getSnapshot()).toMatchObject({ status: "signed-in", person: null });
    host.connection.start();
    await settle();
    server.last.greets();
    expect(host.session.state.getSnapshot().person).toEqual(ALICE);
    expect(await host.rest.get("/me/")).toEqual({ token: "Bearer a.b.c" });
    expect(server.requests.at(-1)?.headers["X-CSRFToken"]).toBe("k");
    await expect(host.session.signIn("a", "b")).rejects.toMatchObject({ code: "unsupported" });
    host.destroy();
  });
});
