// The JavaScript that sources 002 and 004 print, in Node and in Chromium at the same time, with another host and token.
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { WebSocket } from "ws";
import { browserPage, nodePage } from "./support/places.mjs";
import { scenario } from "./support/scenario.mjs";

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(condition, what) {
  const end = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited for ${what}`);
    await wait(20);
  }
}

/** Work that is done once, as soon as so many have asked for it; each of them gets what it gives. */
function together(count, work) {
  let done;
  let start;
  const all = new Promise((resolve) => (start = resolve));
  let asked = 0;
  return () => {
    asked += 1;
    if (asked === count) start();
    done ??= all.then(work);
    return done;
  };
}

const opened = [];

/** Somebody else at the other end, who keeps every frame. */
function open(address) {
  const socket = new WebSocket(address);
  opened.push(socket);
  const frames = [];
  socket.on("message", (data) => frames.push(JSON.parse(data)));
  const isOpen = new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return { frames, isOpen, say: (frame) => socket.send(JSON.stringify(frame)) };
}

await scenario(async ({ context, url, input }) => {
  const host = new URL(url).host;
  const { alice, bruno, conversation } = input;
  const texts = {};
  for (const name of ["002-browser", "004-conversation", "004-notifications", "004-reconnection"]) {
    texts[name] = await readFile(new URL(`printed/${name}.txt`, import.meta.url), "utf8");
  }
  const filled = (name, { token, talk = conversation }) =>
    texts[name]
      .replaceAll("ws://example.com", `ws://${host}`)
      .replaceAll("ws://localhost:8000", `ws://${host}`)
      .replaceAll("eyJ0eXAiOiJKV1QiLCJhbGc...", token)
      .replaceAll("conversationId = 123", `conversationId = ${talk}`);
  // « ... code de connexion WebSocket »: the lines of the first sample, up to what the third one says itself.
  const reconnecting = (options) => {
    const first = filled("004-conversation", options);
    const constants = first.slice(first.indexOf("const token"), first.indexOf("// Créer"));
    const connecting = first.slice(first.indexOf("// Créer"), first.indexOf("socket.onclose"));
    const third = filled("004-reconnection", options);
    if (!third.includes("  // ... code de connexion WebSocket\n")) throw new Error("the third sample is another one");
    return `${constants}\n${third.replace("  // ... code de connexion WebSocket\n", connecting)}\nconnect();`;
  };
  const address = `ws://${host}/ws/conversations/${conversation}/?token=${bruno.token}`;
  let { cookie } = input;
  const [name, value] = cookie.split("=");
  await context.addCookies([{ name, value, url }]);
  const makers = [() => nodePage({ url, cookie }), () => browserPage(context, { url })];
  const both = async (code, work) =>
    Promise.all(
      makers.map(async (make) => {
        const page = await make();
        await page.run(code);
        const has = async (line) => {
          const told = () => page.logged.some((each) => each.includes(line));
          await until(told, line).catch((error) => {
            throw new Error(`${page.name}: ${error.message}; it logged ${JSON.stringify(page.logged)}`);
          });
        };
        const result = await work(page, has);
        await page.close();
        return result;
      }),
    );

  // A conversation, covers(004-01, 004-03, 004-04, 004-05, 004-07, 004-37).
  const other = open(address);
  await other.isOpen;
  const says = (frame) => together(makers.length, async () => other.say(frame));
  const typing = says({ type: "typing", is_typing: true });
  const pausing = says({ type: "typing", is_typing: false });
  const greeting = says({ type: "message", content: "Bonjour" });
  await both(filled("004-conversation", alice), async (page, has) => {
    await has("Connexion WebSocket établie");
    await has("bruno est online");
    await typing();
    await has("bruno est en train d'écrire...");
    await pausing();
    await has("bruno a arrêté d'écrire");
    await greeting();
    await has("Nouveau message de bruno: Bonjour");
    await page.call("sendTypingStatus(true)");
    await page.call(`sendMessage("Bonjour de ${page.name}")`);
    await has(`Nouveau message de alice: Bonjour de ${page.name}`);
    const heard = () => other.frames.find((frame) => frame.message?.content === `Bonjour de ${page.name}`);
    await until(heard, "bruno to hear it");
    other.say({ type: "read_receipt", message_id: heard().message.id });
    await page.call(`markMessageAsRead(${heard().message.id})`);
    await has("lu par bruno");
    await page.call("socket.close()");
    await has("Connexion fermée: 100");
    // Closed, it reports instead of sending.
    await page.call('sendMessage("Trop tard")');
    await has("WebSocket n'est pas connecté");
  });
  const heard = (matches) => other.frames.some(matches);
  const told = {
    typing: heard((frame) => frame.type === "typing" && frame.username === "alice" && frame.is_typing),
    receipt: heard((frame) => frame.type === "read_receipt" && frame.username === "bruno"),
    late: heard((frame) => frame.message?.content === "Trop tard"),
  };

  // What one does not look at, covers(004-02, 004-08, 004-19, 004-20).
  const calling = says({ type: "message", content: "Tu es là ?" });
  await both(filled("004-notifications", alice), async (_, has) => {
    await has("Connexion aux notifications établie");
    await calling();
    await has(`Nouveau message de bruno dans la conversation ${conversation}`);
  });

  // Source 002's, by the cookie of its page, covers(002-31, 002-32).
  const answering = says({ type: "message", content: "Salut" });
  const received = await both(filled("002-browser", alice), async (page, has) => {
    await has("Connected");
    await page.call(`ws.send('{"type":"join_room","data":{"room_id":${conversation}}}')`);
    await page.call(`ws.send('{"type":"ping","data":{}}')`);
    await has('"type":"pong"');
    await answering();
    await has("Salut");
    await page.call("ws.close()");
    return page.logged.find((line) => line.includes("Salut"));
  });

  // The server goes and comes back: so do they, covers(004-25, 004-26, 004-34, 004-35).
  const restart = together(makers.length, async () => {
    await writeFile(input.restart, "");
    await until(() => !existsSync(input.restart), "the server's restart");
  });
  const greet = together(makers.length, async () => {
    const again = open(address);
    await again.isOpen;
    again.say({ type: "message", content: "De retour" });
    return again;
  });
  const returned = await both(reconnecting(alice), async (page, has) => {
    await has("bruno est online");
    await restart();
    await has("Connexion fermée: 1006");
    await has("Tentative de reconnexion...");
    const connected = () => page.logged.filter((line) => line.startsWith("Connexion WebSocket établie"));
    await until(() => connected().length === 2, `${page.name} to be back`);
    await greet();
    await has("Nouveau message de bruno: De retour");
    return page.delays();
  });

  // Where coming back is hopeless they stay away, covers(004-27, 004-29, 004-30, 004-31, 004-33).
  const crowd = Array.from({ length: input.limit }, () => open(`ws://${host}/ws/notifications/?token=${input.carla.token}`));
  await Promise.all(crowd.map((each) => each.isOpen));
  // A page without its cookie has nothing to show.
  cookie = "";
  await context.clearCookies();
  const cases = { 4000: { token: "" }, 4001: { ...alice, talk: 999999999 }, 4002: { token: "nonsense" }, 1008: input.carla };
  const stopped = {};
  for (const [code, options] of Object.entries(cases)) {
    stopped[code] = await both(reconnecting(options), async (page, has) => {
      await has(`Connexion fermée: ${code} `);
      await has("Erreur d'authentification, reconnexion impossible");
      return { timers: await page.delays(), tried: page.logged.some((line) => line.includes("Tentative")) };
    });
  }
  for (const socket of opened) socket.terminate();
  return { told, received, returned, stopped };
});
