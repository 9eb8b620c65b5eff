import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Sound } from "../src/sound";

let strikes = 0;

class FakeContext {
  currentTime = 0;
  destination = {};
  createGain() {
    const gain = { value: 0, setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
    return { gain, connect: (next: unknown) => next };
  }
  createOscillator() {
    const start = () => {
      strikes += 1;
    };
    return { frequency: { value: 0 }, connect: (next: unknown) => next, start, stop() {} };
  }
  resume = () => Promise.resolve();
  close = () => Promise.resolve();
}

beforeEach(() => {
  strikes = 0;
  vi.stubGlobal("AudioContext", FakeContext);
});
afterEach(() => vi.unstubAllGlobals());

describe("the sound of the bell", () => {
  it("is silent until a gesture", () => {
    const sound = new Sound();
    const end = sound.listen();
    sound.ring();
    expect(strikes).toBe(0);
    window.dispatchEvent(new Event("pointerdown"));
    sound.ring();
    expect(strikes).toBeGreaterThan(0);
    end();
  });

  it("is muted for good, on every tab", () => {
    const sound = new Sound();
    const end = sound.listen();
    window.dispatchEvent(new Event("keydown"));
    sound.setMuted(true);
    sound.ring();
    expect(strikes).toBe(0);
    expect(new Sound().isMuted.getSnapshot()).toBe(true);
    localStorage.setItem("carillon:muted", "0");
    window.dispatchEvent(new StorageEvent("storage", { key: "carillon:muted" }));
    expect(sound.isMuted.getSnapshot()).toBe(false);
    end();
  });
});
