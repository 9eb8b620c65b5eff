import { type ReactNode, type RefObject, useId, useSyncExternalStore } from "react";
import { useLabels } from "../context.js";
import { setShortcuts, shortcutsStore } from "../shortcuts.js";
import { Icon } from "./Icon.js";

interface Props {
  dialog: RefObject<HTMLDialogElement | null>;
  /** What the keys do where it is not the list of notifications. */
  keys?: readonly (readonly [name: string, keys: readonly string[]])[];
  /** Further settings, over the switch. */
  children?: ReactNode;
}

/** The list of keys, with the switch that turns the single ones off; opened by `ref.current.showModal()`. */
export function KeyboardHelp({ dialog, keys: own, children }: Props) {
  const labels = useLabels();
  const titleId = useId();
  const areOn = useSyncExternalStore(shortcutsStore().subscribe, shortcutsStore().getSnapshot, () => true);
  const close = () => dialog.current?.close();
  const keys = own ?? [
    [labels.keyNext, ["j", "↓"]],
    [labels.keyPrevious, ["k", "↑"]],
    [labels.keyOpen, [labels.keyEnter]],
    [labels.keyRead, ["u"]],
    [labels.archive, ["e"]],
    [labels.snooze, ["h"]],
    [labels.keySearch, ["/"]],
    [labels.keyUndo, [labels.keyControl, "Z"]],
    [labels.keyHelp, ["?"]],
  ];
  return (
    <dialog ref={dialog} className="carillon-dialog" aria-labelledby={titleId}>
      <div className="carillon-dialog-head">
        <h2 className="carillon-dialog-title" id={titleId}>
          {labels.shortcutsTitle}
        </h2>
        <button
          type="button"
          className="carillon-icon-button"
          aria-label={labels.close}
          title={labels.close}
          onClick={close}
        >
          <Icon name="x" />
        </button>
      </div>
      <div className="carillon-dialog-body">
        <dl className="carillon-plain">
          {keys.map(([name, caps]) => (
            <div className="carillon-keys-row" key={name}>
              <dt className="carillon-keys-name">{name}</dt>
              <dd className="carillon-keys-keys">
                {caps.map((cap) => (
                  <kbd className="carillon-kbd" key={cap}>
                    {cap}
                  </kbd>
                ))}
              </dd>
            </div>
          ))}
        </dl>
        {children}
      </div>
      <div className="carillon-dialog-foot">
        <label className="carillon-dialog-switch">
          <input
            type="checkbox"
            role="switch"
            className="carillon-switch"
            checked={areOn}
            aria-checked={areOn}
            onChange={(event) => setShortcuts(event.currentTarget.checked)}
          />
          <span>{labels.shortcutsOn}</span>
        </label>
        <button type="button" className="carillon-button" data-kind="outline" onClick={close}>
          {labels.close}
        </button>
      </div>
    </dialog>
  );
}
