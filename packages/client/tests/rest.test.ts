/** REST answers and problems. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { type CarillonClient, createClient } from "../src/index.js";
import { FakeServer, problem } from "./support/fake_server.js";

let server: FakeServer;
let client: CarillonClient;

beforeEach(() => {
  server = new FakeServer();
  client = createClient(server.options());
});

afterEach(() => client.destroy());

it("builds the address, the query and the body", async () => {
  server.on("GET /things/", ({ query }) => ({ body: query.toString() }));
  const query = { view: "inbox", unread: true, limit: 30, cursor: null, q: "", kind: undefined };
  expect(await client.rest.get("/things/", { query })).toBe("view=inbox&unread=true&limit=30");
  server.on("POST /things/", ({ body, headers }) => ({ body: { body, type: headers["Content-Type"] } }));
  expect(await client.rest.post("/things/", { a: 1 })).toEqual({ body: { a: 1 }, type: "application/json" });
  server.on("DELETE /things/1/", () => ({ status: 204 }));
  expect(await client.rest.delete("things/1/")).toBeNull();
});

it("turns a problem document into a ClientError", async () => {
  const errors = [{ field: "ids", message: "Too many." }];
  server.on("POST /things/", () => problem(429, "quota_exceeded", { errors, retry_after: 4, request_id: "r1" }));
  await expect(client.rest.post("/things/")).rejects.toMatchObject({
    name: "ClientError",
    code: "quota_exceeded",
    message: "Text of quota_exceeded.",
    status: 429,
    retryAfter: 4,
    details: errors,
    requestId: "r1",
  });
});

it.each([
  [401, "unauthenticated"],
  [403, "forbidden"],
  [404, "not_found"],
  [429, "rate_limited"],
  [502, "unavailable"],
  [400, "invalid"],
])("names an answer %i without a slug %s", async (status, code) => {
  server.on("GET /things/", () => ({ status, body: "<html>", headers: { "Retry-After": "7" } }));
  await expect(client.rest.get("/things/")).rejects.toMatchObject({ code, status, retryAfter: 7 });
});

it("says when nothing answered, when it was cancelled, and when the answer was not JSON", async () => {
  server.on("GET /things/", () => "network");
  await expect(client.rest.get("/things/")).rejects.toMatchObject({ code: "network", isLoss: true });
  const signal = AbortSignal.abort();
  await expect(client.rest.get("/things/", { signal })).rejects.toMatchObject({ code: "cancelled" });
  const plain = createClient({ baseUrl: "https://x.test", fetch: async () => new Response("<html>") });
  await expect(plain.rest.get("/things/")).rejects.toMatchObject({ code: "bad_answer" });
});

it("can be made where there is no page, and says what is missing when used there", async () => {
  const elsewhere = createClient();
  await expect(elsewhere.rest.get("/me/")).rejects.toMatchObject({ code: "unsupported" });
  elsewhere.destroy();
});
