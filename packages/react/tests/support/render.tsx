import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import type { ReactElement } from "react";
import { expect } from "vitest";
import { CarillonProvider, type CarillonProviderProps } from "../../src/index";
import { FakeClient } from "./fake_client";

/** Renders `ui` under a provider in French, over a fake client with `items`. */
export function renderWith(ui: ReactElement, options: Partial<CarillonProviderProps> & { client?: FakeClient } = {}) {
  const client = options.client ?? new FakeClient();
  const user = userEvent.setup();
  const tree = (element: ReactElement) => (
    <CarillonProvider language="fr" sound={false} {...options} client={client}>
      {element}
    </CarillonProvider>
  );
  const { rerender, container, unmount } = render(tree(ui));
  return { client, user, container, unmount, rerender: (element: ReactElement) => rerender(tree(element)) };
}

/** Lets promises and effects that are due now happen. */
export async function settle(): Promise<void> {
  await act(async () => {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  });
}

/** Opens the bell's panel, and waits for its code and its rows. */
export async function openPanel(user: { click: (element: Element) => Promise<void> }): Promise<HTMLElement> {
  await user.click(bell());
  await screen.findByRole("tablist", { hidden: true });
  await settle();
  return screen.getByRole("dialog", { name: "Notifications" });
}

/** The bell, whatever it counts. */
export function bell(): HTMLElement {
  return screen.getByRole("button", { name: /^Notifications/ });
}

/** Fails with what axe found. Colours need a real browser: jsdom paints nothing. */
export async function expectAccessible(node: Element = document.body): Promise<void> {
  const { violations } = await axe.run(node, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((one) => one.html).join(" ")}`)).toEqual([]);
}
