// One device's way to the server: a TCP relay that a test cuts, stalls, half-closes and takes away.
import { connect, createServer } from "node:net";

export class Line {
  #server;
  #target;
  /** Both ends of every connection that is open. */
  #pairs = new Set();
  #isDown = false;
  #isStalled = false;

  /** `target` is the server's port on this machine. */
  constructor(target) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#relay(near));
  }

  async open() {
    await new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Every connection ends at once, without a goodbye. */
  cut() {
    for (const pair of [...this.#pairs]) for (const end of pair) end.resetAndDestroy();
  }

  /** Nothing gets through any more, and nobody is told: as in a tunnel. */
  stall() {
    this.#isStalled = true;
    for (const pair of this.#pairs) for (const end of pair) end.pause();
  }

  /** One direction ends; the other goes on until somebody notices. `side` 0: what the device says, 1: what it hears. */
  halfClose(side) {
    for (const pair of [...this.#pairs]) pair[1 - side].end();
  }

  /** There is no network: what is open ends, what is new is refused. */
  takeDown() {
    this.#isDown = true;
    this.cut();
  }

  /** All is well again; what was held back arrives. */
  repair() {
    this.#isDown = false;
    this.#isStalled = false;
    for (const pair of this.#pairs) for (const end of pair) end.resume();
  }

  async close() {
    this.takeDown();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #relay(near) {
    near.on("error", () => {});
    if (this.#isDown) return near.resetAndDestroy();
    const far = connect({ port: this.#target, host: "127.0.0.1", allowHalfOpen: true });
    const pair = [near, far];
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [far, near]]) {
      from.on("error", () => to.destroy());
      from.on("data", (bytes) => to.writable && to.write(bytes));
      from.on("end", () => to.writable && to.end());
      from.on("close", () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
      if (this.#isStalled) from.pause();
    }
  }
}
