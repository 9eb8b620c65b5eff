import { Store } from "@carillon/client";

const MUTED = "carillon:muted";
/** Partials of a small bell: frequency ratio, loudness, seconds to fade. */
const PARTIALS = [
  [0.5, 0.28, 1.1],
  [1, 0.5, 0.9],
  [1.19, 0.22, 0.7],
  [2, 0.18, 0.45],
  [2.74, 0.1, 0.3],
] as const;
const STRIKE = 880;

function readMuted(): boolean {
  try {
    return localStorage.getItem(MUTED) === "1";
  } catch {
    return false;
  }
}

function strike(context: AudioContext): void {
  const start = context.currentTime + 0.01;
  const out = context.createGain();
  out.gain.value = 0.12;
  out.connect(context.destination);
  for (const [ratio, loudness, fade] of PARTIALS) {
    const tone = context.createOscillator();
    const level = context.createGain();
    tone.frequency.value = STRIKE * ratio;
    level.gain.setValueAtTime(0, start);
    level.gain.linearRampToValueAtTime(loudness, start + 0.004);
    level.gain.exponentialRampToValueAtTime(0.0001, start + fade);
    tone.connect(level).connect(out);
    tone.start(start);
    tone.stop(start + fade);
  }
}

/**
 * A short synthesised bell. Silent until the person has pressed something on the page, and while muted;
 * of several tabs that are told the same, one rings. Muting is remembered by the browser.
 */
export class Sound {
  readonly isMuted = new Store(readMuted());
  #context: AudioContext | null = null;

  /** Waits for the gesture that browsers ask for; the returned function ends it. */
  listen(): () => void {
    const wake = () => {
      this.#context ??= typeof AudioContext === "undefined" ? null : new AudioContext();
      void this.#context?.resume();
      end();
    };
    const follow = (event: StorageEvent) => {
      if (event.key === MUTED) this.isMuted.set(readMuted());
    };
    const end = () => {
      removeEventListener("pointerdown", wake);
      removeEventListener("keydown", wake);
    };
    addEventListener("pointerdown", wake);
    addEventListener("keydown", wake);
    addEventListener("storage", follow);
    return () => {
      end();
      removeEventListener("storage", follow);
      void this.#context?.close();
      this.#context = null;
    };
  }

  setMuted(isMuted: boolean): void {
    this.isMuted.set(isMuted);
    try {
      localStorage.setItem(MUTED, isMuted ? "1" : "0");
    } catch {
      // A browser without storage forgets it; this page does not.
    }
  }

  /** Rings once; tabs that ask within a second of each other ring once together. */
  ring(): void {
    const context = this.#context;
    if (!context || this.isMuted.getSnapshot()) return;
    if (!navigator.locks) {
      strike(context);
      return;
    }
    void navigator.locks.request("carillon:ring", { ifAvailable: true }, async (lock) => {
      if (!lock) return;
      strike(context);
      await new Promise((done) => setTimeout(done, 1000));
    });
  }
}
