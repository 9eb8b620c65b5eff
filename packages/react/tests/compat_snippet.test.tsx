import { readFileSync } from "node:fs";
import { join } from "node:path";
import { act, render } from "@testing-library/react";
import { StrictMode, useState } from "react";
import ts from "typescript";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createUseWebSocket } from "../src/compat/index";
import { FakeWebSocket } from "./support/fake_web_socket";

const PACKAGE = join(import.meta.dirname, "..");
const FOLDER = join(PACKAGE, "tests", "compat_host");
/** As it is printed, to the letter, below a line that says where; `tests/e2e` runs the same file in a browser. */
const FILE = join(PACKAGE, "..", "..", "tests", "e2e", "documents", "src", "components", "Snippet.ts");
const SNIPPET = readFileSync(FILE, "utf8").replace(/^.*\n/, "");
const IMPORTS = "import { useWebSocket } from '../hooks/useWebSocket';\n";
const BODY = SNIPPET.slice(IMPORTS.length);

/** What `tsc` says of a file that is not on the disk, by the rules of this package. */
function complaints(path: string, text: string): string[] {
  const { config } = ts.readConfigFile(join(PACKAGE, "tsconfig.json"), ts.sys.readFile);
  const parsed = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, PACKAGE);
  const host = ts.createCompilerHost(parsed.options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === path || fileExists(name);
  host.getSourceFile = (name, ...rest) =>
    name === path ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true) : getSourceFile(name, ...rest);
  const program = ts.createProgram([path], parsed.options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

describe("the snippet of source 000", () => {
  beforeEach(() => {
    FakeWebSocket.made = [];
    vi.stubGlobal("WebSocket", FakeWebSocket);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it("compiles under strict rules as it is printed, from a file beside hooks/ covers(000-25, 000-26, 000-27)", () => {
    expect(SNIPPET.startsWith(IMPORTS)).toBe(true);
    const path = join(FOLDER, "components", "Snippet.ts");
    expect(complaints(path, SNIPPET)).toEqual([]);
    const wrong = SNIPPET.replace("message.notification", "message.notifications").replace("reconnect:", "reconect:");
    expect(complaints(path, wrong)).toHaveLength(2);
  }, 120_000);

  it("runs inside a component: logs what rings, and sends what it says covers(000-25, 000-26, 000-27, 000-29)", async () => {
    const log = vi.fn();
    const onError = vi.fn();
    const useWebSocket = createUseWebSocket({ getToken: () => "a.b.c", onError });
    const run = new Function("useWebSocket", "console", BODY);
    let again = () => {};
    function Component() {
      const [, set] = useState(0);
      again = () => set((count) => count + 1);
      run(useWebSocket, { log });
      return null;
    }
    render(
      <StrictMode>
        <Component />
      </StrictMode>,
    );
    await act(async () => {});
    // It sends while it renders, and the first time nothing is open yet: that is told, and breaks nothing.
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: "not_open" }));
    expect(FakeWebSocket.made).toHaveLength(1);
    expect(FakeWebSocket.last.protocols).toEqual(["carillon.bell", "bearer.a.b.c"]);
    act(() => FakeWebSocket.last.opens());
    expect(FakeWebSocket.last.sent[0]).toEqual({ type: "mark_read", notification_id: "123" });

    const notification = {
      id: "1",
      type: "message",
      title: "Nouveau message",
      message: "",
      is_read: false,
      created_at: "",
    };
    act(() => {
      FakeWebSocket.last.says({ type: "notification", notification, unread_count: 1 });
      FakeWebSocket.last.says({ type: "unread_count", unread_count: 0 });
    });
    expect(log.mock.calls).toEqual([["Nouvelle notification:", notification]]);
    act(() => again());
    expect(FakeWebSocket.made).toHaveLength(1);
  });
});
