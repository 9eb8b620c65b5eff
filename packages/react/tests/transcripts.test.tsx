/** What the documents print, played against the client: every dialogue that the server's own tests play too. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { installSockets } from "./support/socket_page";
import { TranscriptPlayer } from "./support/transcript_player";
import { type Dialogue, dialogues, FOLDER } from "./support/transcripts";

installSockets();

describe("the client's side of every dialogue covers(000-13, 000-14, 000-15, 000-16, 000-17, 000-20, 000-21, 000-22, 000-23)", () => {
  it.each(dialogues())(
    "%s covers(001-04, 001-21, 001-22, 001-23, 001-24, 001-25, 001-26, 001-27)",
    async (_, dialogue) => {
      await new TranscriptPlayer().play(dialogue);
    },
  );
});

it("finds them, and the host code that they run", () => {
  const names = dialogues().map(([name]) => name);
  expect(names).toEqual(expect.arrayContaining(["bell/ring", "bell/rest", "mentoring/rest"]));
  for (const [, { steps }] of dialogues()) {
    for (const step of steps) if ("python" in step) expect(existsSync(join(FOLDER, step.python))).toBe(true);
  }
});

const alone = (step: unknown) => ({ title: "", covers: [], people: ["alice"], steps: [step] }) as Dialogue;

it.each([
  ["a request that no call of ours makes", { http: "PUT /notifications/", as: "alice", status: 200, answer: {} }],
  ["another status", { http: "GET /notifications/unread-count/", as: "alice", status: 404, answer: {} }],
  ["another answer", { http: "GET /notifications/unread-count/", as: "alice", status: 200, answer: { count: 1 } }],
  ["a step of another kind", { dance: "tango" }],
  ["a socket that was never opened", { socket: "tab", receive: { type: "unread_count", unread_count: 1 } }],
])("fails on %s", async (_, step) => {
  await expect(new TranscriptPlayer().play(alone(step))).rejects.toThrow("step 1");
});
