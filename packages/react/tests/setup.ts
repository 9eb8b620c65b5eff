import { cleanup } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";
import { installPopover } from "./support/popover";

installPopover();

beforeEach(() => {
  localStorage.clear();
  document.title = "Accueil · Produit";
});
afterEach(() => {
  cleanup();
  document.head.querySelector("link[rel=icon]")?.remove();
});
