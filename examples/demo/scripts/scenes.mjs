/** What is looked at: each scene opens a page in some state, and is ready to be pictured when its promise resolves. */
import { chatPages, chatStates } from "./chat_scenes.mjs";

const openPanel = async (page) => {
  await page.locator(".carillon-bell").click();
  await page.locator(".carillon-panel").waitFor({ state: "visible" });
};
const settle = (page, time = 350) => page.waitForTimeout(time);
const rows = (page) => page.locator(".carillon-row-link").first().waitFor();

const pages = {
  ...chatPages,
  login: { path: "/login", isSignedOut: true, ready: (page) => page.locator(".account").first().waitFor() },
  home: {
    path: "/",
    ready: async (page) => {
      await page.locator(".idea").first().waitFor();
      await page.locator(".carillon-badge:visible").first().waitFor();
      await openPanel(page);
      await rows(page);
    },
  },
  notifications: { path: "/notifications", ready: rows },
  ring: { path: "/ring", ready: (page) => page.locator(".recipient").first().waitFor() },
};

/** Slows, breaks or empties the list before the page is opened. */
const list = "**/api/v1/notifications/?*";
const loading = (page) => page.route(list, () => new Promise(() => {}));
const broken = (page) => page.route(list, (route) => route.abort());
const forbidden = (page) =>
  page.route(list, (route) =>
    route.fulfill({ status: 403, contentType: "application/json", body: '{"code":"forbidden"}' }),
  );
const noSocket = (page) => page.routeWebSocket(/\/ws\//, (socket) => socket.close({ code: 1013, reason: "" }));

const panelOnly = { path: "/", ready: openPanel };
const blank = (page) => page.locator(".carillon-blank:visible").waitFor();
const panelWith = (then) => ({
  path: "/",
  ready: async (page, context) => {
    await openPanel(page);
    await then(page, context);
  },
});
const pageWith = (then) => ({ path: "/notifications", ready: then });

const states = {
  ...chatStates,
  "login-wrong": {
    path: "/login",
    isSignedOut: true,
    ready: async (page) => {
      await page.locator("#username").fill("Alice");
      await page.locator("#password").fill("mauvais");
      await page.locator("form button[type=submit]").click();
      await page.locator(".banner").waitFor();
    },
  },
  "login-away": {
    path: "/login",
    isSignedOut: true,
    before: (page) => page.route("**/demo/accounts/", (route) => route.abort()),
    ready: (page) => page.locator(".door-away").waitFor(),
  },
  "panel-empty": { ...panelWith(blank), count: 0 },
  "panel-one": { ...panelWith(rows), count: 1 },
  "panel-loading": { ...panelOnly, before: loading },
  "panel-error": { ...panelWith(blank), before: broken },
  "panel-offline": {
    ...panelWith((page) => page.locator(".carillon-connection:visible button").waitFor({ timeout: 20_000 })),
    before: noSocket,
  },
  "panel-unread": panelWith(async (page) => {
    await rows(page);
    await page.locator(".carillon-panel .carillon-tab").nth(1).click();
    await settle(page);
  }),
  "panel-pill": {
    ...panelWith(async (page, { fake }) => {
      await rows(page);
      fake?.ring();
      await page.locator(".carillon-new-pill:visible").waitFor();
    }),
    isFakeOnly: true,
  },
  "panel-toast": panelWith(async (page) => {
    await rows(page);
    await page.keyboard.press("j");
    await page.keyboard.press("e");
    await page.locator(".carillon-toast").waitFor();
  }),
  "panel-answers": panelWith(async (page) => {
    await rows(page);
    const answers = page.locator(".carillon-panel .carillon-row:has(.carillon-row-answers)");
    await answers.nth(1).scrollIntoViewIfNeeded();
    await answers.first().hover();
    await settle(page);
  }),
  "page-answers": pageWith(async (page) => {
    await rows(page);
    await page.locator(".carillon-row:has(.carillon-row-answers)").nth(1).scrollIntoViewIfNeeded();
    await page.locator(".carillon-center button.carillon-button[data-size=small]").nth(1).focus();
    await settle(page);
  }),
  "panel-menu": panelWith(async (page) => {
    await rows(page);
    await page.locator(".carillon-item").nth(1).hover();
    await page.locator(".carillon-panel .carillon-row-more").nth(1).click();
    await page.locator(".carillon-menu").waitFor();
  }),
  account: {
    path: "/",
    ready: async (page) => {
      await page.locator(".top-me").click();
      await page.locator(".account-menu").waitFor();
    },
  },
  "page-empty": { ...pageWith(blank), count: 0 },
  "page-loading": { ...pageWith((page) => page.locator(".carillon-skeleton").first().waitFor()), before: loading },
  "page-error": { ...pageWith(blank), before: broken },
  "page-forbidden": { ...pageWith(blank), before: forbidden },
  "page-offline": {
    ...pageWith((page) => page.locator(".carillon-connection button").waitFor({ timeout: 20_000 })),
    before: noSocket,
  },
  "page-500": { ...pageWith(rows), count: 500 },
  "page-500-far": {
    ...pageWith(async (page) => {
      await rows(page);
      for (let step = 0; step < 25; step += 1) {
        await page.mouse.wheel(0, 4000);
        await page.waitForTimeout(80);
      }
    }),
    count: 500,
  },
  "page-1000-unread": { ...pageWith(rows), count: 1000, isAllUnread: true },
  "page-keys": pageWith(async (page) => {
    await rows(page);
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("e");
    await page.locator(".carillon-toast").waitFor();
  }),
  "page-group": pageWith(async (page) => {
    await rows(page);
    await page.locator(".carillon-row-expand").first().click();
  }),
  "page-help": pageWith(async (page) => {
    await rows(page);
    await page.keyboard.press("?");
    await page.locator("dialog[open]").waitFor();
  }),
  "page-snooze": pageWith(async (page) => {
    await rows(page);
    await page.keyboard.press("j");
    await page.keyboard.press("h");
    await page.locator(".carillon-menu").waitFor();
  }),
  "page-pill": {
    ...pageWith(async (page, { fake }) => {
      await rows(page);
      await page.keyboard.press("j");
      await page.keyboard.press("j");
      fake?.ring();
      await page.locator(".carillon-new-pill:visible").waitFor();
    }),
    isFakeOnly: true,
  },
  "page-search-none": pageWith(async (page) => {
    await rows(page);
    await page.locator(".carillon-search input").fill("rhinocéros");
    await blank(page);
  }),
  "page-archive": pageWith(async (page) => {
    await rows(page);
    await page.locator(".carillon-box").nth(2).click();
    await settle(page);
  }),
  "ring-sent": {
    path: "/ring",
    ready: async (page) => {
      await page.locator(".recipient").first().waitFor();
      await page.locator("form button[type=submit]").click();
      await page.locator(".carillon-toast").waitFor();
    },
  },
  "ring-missing": {
    path: "/ring",
    ready: async (page) => {
      await page.locator(".recipient").first().waitFor();
      await page.locator("form input.carillon-input").first().fill("");
      await page.locator("form button[type=submit]").click();
      await page.locator(".field-error").waitFor();
    },
  },
  linked: { path: "/projets/lycee-jean-moulin", ready: (page) => page.locator(".linked").waitFor() },
};

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

/** Every scene: the four pages in both languages and themes, the states once per size, some of them dark. */
export function scenes() {
  const all = [];
  for (const size of Object.keys(SIZES)) {
    for (const [name, scene] of Object.entries(pages)) {
      for (const language of ["fr", "en"]) {
        for (const theme of ["light", "dark"]) all.push({ ...scene, name, size, language, theme });
      }
    }
    for (const [name, scene] of Object.entries(states))
      all.push({ ...scene, name, size, language: "fr", theme: "light" });
    for (const name of [
      "panel-pill",
      "panel-error",
      "page-keys",
      "page-help",
      "account",
      "login-wrong",
      "panel-answers",
      "page-answers",
      "chat-list",
      "chat-typing",
      "chat-emoji",
      "chat-members",
      "chat-new",
      "chat-error",
    ]) {
      all.push({ ...states[name], name, size, language: "en", theme: "dark" });
    }
  }
  return all.map((scene) => ({ ...scene, isPhone: scene.size === "phone", viewport: SIZES[scene.size] }));
}
