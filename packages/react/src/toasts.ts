import { Store } from "@carillon/client";

/** How long a toast with an undo stays, in milliseconds. */
export const UNDO_TIME = 6000;

export interface Toast {
  readonly id: number;
  readonly text: string;
  /** In milliseconds; the time stands still while the toast is hovered or focused. */
  readonly time: number;
  readonly action: { readonly label: string; readonly run: () => void; readonly isUndo: boolean } | null;
}

export interface ToastRequest {
  text: string;
  time?: number;
  action?: { label: string; run: () => void; isUndo?: boolean };
}

interface ToastsState {
  readonly toast: Toast | null;
  /** Where it is shown: the last place that asked for it (an open panel wins over the page). */
  readonly place: symbol | null;
}

/** One toast at a time; a new one takes the place of the last. */
export class Toasts {
  readonly state = new Store<ToastsState>({ toast: null, place: null });
  #places: symbol[] = [];
  #last = 0;

  show(request: ToastRequest): number {
    this.#last += 1;
    const action = request.action ? { isUndo: false, ...request.action } : null;
    this.state.update({ toast: { id: this.#last, text: request.text, time: request.time ?? UNDO_TIME, action } });
    return this.#last;
  }

  dismiss(id: number): void {
    if (this.state.getSnapshot().toast?.id === id) this.state.update({ toast: null });
  }

  /** Runs the action of the toast that shows, and takes the toast away. */
  act(): void {
    const { toast } = this.state.getSnapshot();
    if (!toast?.action) return;
    this.state.update({ toast: null });
    toast.action.run();
  }

  /** Offers a place to show toasts in; the returned function takes it back. */
  offerPlace(place: symbol): () => void {
    this.#setPlaces([...this.#places, place]);
    return () => this.#setPlaces(this.#places.filter((other) => other !== place));
  }

  #setPlaces(places: symbol[]): void {
    this.#places = places;
    this.state.update({ place: places.at(-1) ?? null });
  }
}
