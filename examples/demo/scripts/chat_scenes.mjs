/** What is looked at of the chat and the directory; only over the fake server, whose conversations are the same each time. */

const settle = (page, time = 350) => page.waitForTimeout(time);
const blank = (page) => page.locator(".carillon-blank:visible").first().waitFor();
const message = (page) => page.locator(".carillon-bubble").last().waitFor();
const talkWith = (then, more = {}) => ({
  path: "/messages/1",
  isFakeOnly: true,
  ...more,
  ready: async (page, context) => {
    await message(page);
    await settle(page);
    await then(page, context);
  },
});
const field = (page) => page.locator(".carillon-composer-input");

export const chatStates = {
  "chat-list": {
    path: "/messages",
    isFakeOnly: true,
    ready: (page) => page.locator(".carillon-chat-row").first().waitFor(),
  },
  "chat-list-empty": { path: "/messages", isFakeOnly: true, chat: "none", ready: blank },
  "chat-list-loading": {
    path: "/messages",
    before: (page) => page.route("**/api/v1/conversations/?*", () => new Promise(() => {})),
    ready: (page) => page.locator(".carillon-skeleton").first().waitFor(),
  },
  "chat-list-error": {
    path: "/messages",
    before: (page) => page.route("**/api/v1/conversations/?*", (route) => route.abort()),
    ready: (page) => page.locator(".carillon-blank[role=alert]").waitFor(),
  },
  "chat-many": { ...talkWith(() => {}, { chat: "many" }) },
  "chat-empty": {
    path: "/messages/1",
    isFakeOnly: true,
    chat: "fresh",
    ready: (page) => page.locator(".carillon-chat-main .carillon-blank").waitFor(),
  },
  "chat-loading": {
    path: "/messages/1",
    isFakeOnly: true,
    before: (page) => page.route("**/api/v1/conversations/1/**", () => new Promise(() => {})),
    ready: (page) => page.locator(".carillon-chat-main .carillon-skeleton").first().waitFor(),
  },
  "chat-error": {
    path: "/messages/1",
    isFakeOnly: true,
    before: (page) => page.route("**/api/v1/conversations/1/messages/**", (route) => route.abort()),
    ready: (page) => page.locator(".carillon-chat-main .carillon-blank[role=alert]").waitFor(),
  },
  "chat-gone": {
    path: "/messages/99",
    isFakeOnly: true,
    ready: (page) => page.locator(".carillon-chat-main .carillon-blank[role=alert]").waitFor(),
  },
  "chat-offline": talkWith(async (page, { fake }) => {
    fake.cut();
    await page.route("**/api/v1/**", (route) => route.abort());
    await field(page).fill("Oui, je m’en occupe ce soir.");
    await page.locator(".carillon-send").click();
    await page.locator(".carillon-connection:visible button").first().waitFor({ timeout: 20_000 });
  }),
  "chat-typing": talkWith(async (page, { fake }) => {
    fake.chat.types(1, "ines");
    fake.chat.types(1, "max");
    await page.locator(".carillon-typing-dots").waitFor();
    await page.locator(".carillon-message").last().hover();
  }),
  "chat-reply": talkWith(async (page) => {
    await page.locator(".carillon-message").last().focus();
    await page.keyboard.press("r");
    await page.keyboard.type("Je regarde :");
  }),
  "chat-edit": talkWith(async (page) => {
    await field(page).focus();
    await page.keyboard.press("ArrowUp");
    await page.locator(".carillon-composer-context").waitFor();
  }),
  "chat-mention": talkWith(async (page) => {
    await field(page).focus();
    await page.keyboard.type("Merci @");
    await page.locator(".carillon-mentions").waitFor();
  }),
  "chat-emoji": talkWith(async (page) => {
    await page.locator(".carillon-composer button").first().click();
    await page.locator(".carillon-emoji").waitFor();
  }),
  "chat-menu": talkWith(async (page, { isPhone }) => {
    if (isPhone)
      await page
        .locator(".carillon-bubble")
        .nth(-2)
        .tap({ position: { x: 20, y: 60 } });
    else {
      await page.locator(".carillon-message[data-mine] .carillon-bubble").last().hover();
      await page.locator(".carillon-message[data-mine] .carillon-message-tools button").last().click();
    }
    await page.locator(".carillon-menu").waitFor();
  }),
  "chat-options": talkWith(async (page) => {
    await page.locator(".carillon-chat-head button").last().click();
    await page.locator(".carillon-menu").waitFor();
  }),
  "chat-members": talkWith(async (page) => {
    await page.locator("button.carillon-chat-who").click();
    await page.locator("dialog[open]").waitFor();
  }),
  "chat-new": {
    path: "/messages",
    isFakeOnly: true,
    ready: async (page) => {
      await page.locator(".carillon-chat-row").first().waitFor();
      await page.locator(".carillon-chat-list-bar button").click();
      await page.locator(".carillon-option").first().waitFor();
      await page.keyboard.press("Enter");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.locator(".carillon-picker-chip").nth(1).waitFor();
    },
  },
  "chat-help": talkWith(async (page) => {
    await page.locator(".carillon-message").last().focus();
    await page.keyboard.press("?");
    await page.locator("dialog[open]").waitFor();
  }),
  "chat-long": talkWith(
    async (page) => {
      for (let step = 0; step < 12; step += 1) {
        await page.mouse.move(800, 400);
        await page.mouse.wheel(0, -1500);
        await page.waitForTimeout(60);
      }
    },
    { chat: "long", messages: 5000 },
  ),
  "chat-top": talkWith(async (page) => {
    await page.locator(".carillon-thread-scroll").evaluate((view) => view.scrollTo(0, 0));
    await settle(page);
  }),
  "chat-new-below": talkWith(
    async (page, { fake }) => {
      await page.locator(".carillon-thread-scroll").evaluate((view) => view.scrollBy(0, -1500));
      await page.waitForTimeout(200);
      const talk = fake.chat.talks.get(1);
      for (const words of ["C’est noté.", "Et le plan de l’étage suit."]) fake.chat.say(talk, "awa", words);
      await page.locator(".carillon-jump[data-new]").waitFor();
    },
    { chat: "long", messages: 500 },
  ),
};

export const chatPages = {
  chat: { ...talkWith(() => {}) },
  people: {
    path: "/people",
    isFakeOnly: true,
    ready: (page) => page.locator(".person .carillon-presence").first().waitFor(),
  },
};
