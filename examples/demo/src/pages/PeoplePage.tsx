import type { Person, Presence } from "@carillon/client";
import { PersonFace, useConversations, usePeople, usePresence, usePresenceWords, useToast } from "@carillon/react";
import { useDeferredValue, useState } from "react";
import { Glyph } from "../parts/Glyph";
import { usePageTitle } from "../parts/usePageTitle";
import { navigate } from "../router";
import { useWords } from "../words";

interface PersonLineProps {
  person: Person;
  presence: Presence | undefined;
  how: string;
  onWrite: (person: Person) => void;
}

function PersonLine({ person, presence, how, onWrite }: PersonLineProps) {
  const words = useWords();
  return (
    <li className="person">
      <PersonFace person={person} state={presence?.state} />
      <span className="grow">
        <span className="account-name">
          <bdi>{person.name}</bdi>
        </span>
        <span className="quiet">{[person.role, how].filter(Boolean).join(", ")}</span>
      </span>
      <button
        type="button"
        className="carillon-button"
        data-kind="outline"
        aria-label={words.writeTo(person.name)}
        onClick={() => onWrite(person)}
      >
        <Glyph name="chat" />
        <span className="person-verb">{words.write}</span>
      </button>
    </li>
  );
}

/** What stands where there are no lines. */
function Nobody({ search }: { search: ReturnType<typeof usePeople> }) {
  const words = useWords();
  if (search.error) {
    return (
      <p className="people-note" role="alert">
        {words.awayTitle}{" "}
        <button type="button" className="carillon-link" onClick={() => search.search?.retry()}>
          {words.retry}
        </button>
      </p>
    );
  }
  const text = search.status !== "ready" ? words.searching : search.q ? words.nobodyFor(search.q) : words.nobody;
  return (
    <p className="people-note" role="status">
      {text}
    </p>
  );
}

/** The directory: who is here, and a way to write to them. */
export function PeoplePage() {
  const words = useWords();
  const toast = useToast();
  const [typed, setTyped] = useState("");
  const search = usePeople(useDeferredValue(typed.trim()));
  const { store } = useConversations();
  const presence = usePresence({ people: search.items.slice(0, 300).map((person) => person.id) });
  const wordsOf = usePresenceWords();
  const online = search.items.filter((person) => presence.get(person.id)?.state === "online").length;
  usePageTitle(words.people);

  const write = async (person: Person) => {
    try {
      const conversation = await store?.openDirect(person.id);
      if (conversation) navigate(`/messages/${conversation.id}`);
    } catch {
      toast({ text: words.notOpened(person.name), time: 8000 });
    }
  };
  return (
    <>
      <div className="page-head">
        <div className="grow">
          <h1 className="title">{words.people}</h1>
          <p className="subtitle">{online > 0 ? words.hereNow(online) : words.peopleIntro}</p>
        </div>
      </div>
      <section className="card narrow" aria-label={words.people}>
        <div className="people-search">
          <input
            className="carillon-input"
            type="search"
            placeholder={words.findSomeone}
            aria-label={words.findSomeone}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        </div>
        <ul className="people-list">
          {search.items.map((person) => (
            <PersonLine
              key={person.id}
              person={person}
              presence={presence.get(person.id)}
              how={wordsOf(presence.get(person.id))}
              onWrite={(one) => void write(one)}
            />
          ))}
        </ul>
        {search.items.length === 0 && <Nobody search={search} />}
        {search.hasMore && (
          <p className="people-note">
            <button
              type="button"
              className="carillon-button"
              data-kind="quiet"
              onClick={() => void search.search?.loadMore()}
            >
              {words.more}
            </button>
          </p>
        )}
      </section>
    </>
  );
}
