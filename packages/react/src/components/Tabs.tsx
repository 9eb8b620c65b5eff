import { type KeyboardEvent, useRef } from "react";

export interface Tab<Key extends string> {
  readonly key: Key;
  readonly label: string;
  /** Not shown while unknown or zero. */
  readonly count?: number;
}

interface Props<Key extends string> {
  tabs: readonly Tab<Key>[];
  selected: Key;
  label: string;
  /** The id of what the tabs choose for. */
  controls: string;
  onSelect: (key: Key) => void;
}

/** A tab list with one tab stop: arrows, Home and End choose. */
export function Tabs<Key extends string>({ tabs, selected, label, controls, onSelect }: Props<Key>) {
  const ref = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const isRtl = ref.current ? getComputedStyle(ref.current).direction === "rtl" : false;
    const at = tabs.findIndex((tab) => tab.key === selected);
    const to = { ArrowRight: isRtl ? at - 1 : at + 1, ArrowLeft: isRtl ? at + 1 : at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    const tab = tabs.at(to % tabs.length);
    if (!tab) return;
    event.preventDefault();
    event.stopPropagation();
    onSelect(tab.key);
    ref.current?.querySelector<HTMLElement>(`[data-key="${tab.key}"]`)?.focus();
  };
  return (
    <div ref={ref} className="carillon-tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map(({ key, label: name, count }) => (
        <button
          key={key}
          type="button"
          role="tab"
          className="carillon-tab"
          data-key={key}
          aria-selected={key === selected}
          aria-controls={controls}
          tabIndex={key === selected ? 0 : -1}
          onClick={() => onSelect(key)}
        >
          {name}
          {count ? <span className="carillon-count">{count}</span> : null}
        </button>
      ))}
    </div>
  );
}
