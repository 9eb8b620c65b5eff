import type { Person } from "@carillon/client";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useChatWords } from "../../chat/words.js";
import { usePeople } from "../../hooks/chat/usePeople.js";
import { usePresence } from "../../hooks/chat/usePresence.js";
import { Icon } from "../Icon.js";
import { PersonFace } from "./Faces.js";

export interface PeoplePickerProps {
  chosen: readonly Person[];
  onChange: (people: readonly Person[]) => void;
  /** Who is not offered. */
  without?: ReadonlySet<string>;
}

const NOBODY: ReadonlySet<string> = new Set();

function noteOf(
  search: ReturnType<typeof usePeople>,
  isEmpty: boolean,
  words: ReturnType<typeof useChatWords>,
): string {
  if (search.error) return words.peopleFailed;
  if (!isEmpty) return "";
  if (search.status !== "ready") return words.loadingPeople;
  return search.q ? words.noPeopleFor(search.q) : words.noPeople;
}

/** Choose people from those who may be written to: type, arrows, Enter; Backspace in the empty field takes the last one back. */
export function PeoplePicker({ chosen, onChange, without = NOBODY }: PeoplePickerProps) {
  const words = useChatWords();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [q, setQ] = useState("");
  const [at, setAt] = useState(0);
  const search = usePeople(q.trim());
  const people = search.items.filter((person) => !without.has(person.id));
  const presence = usePresence({ people: people.slice(0, 100).map((person) => person.id) });
  const current = Math.min(at, people.length - 1);
  const isChosen = (person: Person) => chosen.some((one) => one.id === person.id);
  const note = noteOf(search, people.length === 0, words);

  useEffect(() => {
    list.current?.querySelector("[data-current]")?.scrollIntoView?.({ block: "nearest" });
  });

  const toggle = (person: Person) => {
    onChange(isChosen(person) ? chosen.filter((one) => one.id !== person.id) : [...chosen, person]);
    setQ("");
    field.current?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const person = people[current];
    if (step !== undefined && people.length > 0) {
      event.preventDefault();
      setAt((current + step + people.length) % people.length);
    } else if (event.key === "Enter" && person) {
      event.preventDefault();
      toggle(person);
    } else if (event.key === "Backspace" && q === "" && chosen.length > 0) {
      onChange(chosen.slice(0, -1));
    }
  };
  return (
    <div className="carillon-picker">
      {chosen.length > 0 && (
        <ul className="carillon-picker-chosen carillon-plain" aria-label={words.chosenPeople}>
          {chosen.map((person) => (
            <li key={person.id} className="carillon-plain">
              <button
                type="button"
                className="carillon-picker-chip"
                aria-label={words.takeBack(person.name)}
                onClick={() => toggle(person)}
              >
                <bdi className="carillon-option-name">{person.name}</bdi>
                <Icon name="x" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <label className="carillon-search">
        <Icon name="search" />
        <input
          ref={field}
          className="carillon-input"
          type="text"
          role="combobox"
          autoComplete="off"
          aria-label={words.findPeople}
          placeholder={words.findPeople}
          aria-expanded={people.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={people[current] ? `${id}-${current}` : undefined}
          value={q}
          onChange={(event) => {
            setQ(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </label>
      <p className="carillon-visually-hidden" role="status">
        {note || words.peopleFound(people.length)}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div ref={list} className="carillon-picker-list" tabIndex={0}>
        <div id={`${id}-list`} role="listbox" aria-label={words.people} aria-multiselectable="true">
          {people.map((person, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field that owns the list has the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus
            <div
              key={person.id}
              id={`${id}-${index}`}
              className="carillon-option"
              role="option"
              aria-selected={isChosen(person)}
              data-current={index === current || undefined}
              onClick={() => toggle(person)}
              onPointerMove={() => setAt(index)}
            >
              <PersonFace person={person} state={presence.get(person.id)?.state} />
              <span className="carillon-option-body">
                <span className="carillon-option-name" dir="auto">
                  {person.name}
                </span>
                {person.role && (
                  <span className="carillon-option-note" dir="auto">
                    {person.role}
                  </span>
                )}
              </span>
              <span className="carillon-option-mark">
                <Icon name="check" />
              </span>
            </div>
          ))}
        </div>
        {note && (
          <div className="carillon-picker-note">
            {note}{" "}
            {search.error && (
              <button type="button" className="carillon-link" onClick={() => search.search?.retry()}>
                {words.retry}
              </button>
            )}
          </div>
        )}
        {search.hasMore && !search.error && (
          <button
            type="button"
            className="carillon-button"
            data-kind="quiet"
            data-wide=""
            onClick={() => void search.search?.loadMore()}
          >
            {search.isLoadingMore ? words.loadingMore : words.showMore}
          </button>
        )}
      </div>
    </div>
  );
}
