import { ClientError } from "@carillon/client";
import { Avatar } from "@carillon/react";
import { type FormEvent, useRef, useState } from "react";
import { type Account, client } from "../client";
import { Banner } from "../parts/Banner";
import { DoorArt } from "../parts/DoorArt";
import { Glyph } from "../parts/Glyph";
import { Mark } from "../parts/Mark";
import { useAccounts } from "../parts/useAccounts";
import { usePageTitle } from "../parts/usePageTitle";
import { useLanguage } from "../settings";
import { useSession } from "../useSession";
import { useWords, type Words } from "../words";

type Failure = "wrong" | "tooMany" | "away" | "ended";

function failureOf(thrown: unknown): Failure {
  const status = thrown instanceof ClientError ? thrown.status : null;
  if (status === 429) return "tooMany";
  return status !== null && status < 500 ? "wrong" : "away";
}

function FailureBanner({ failure, words }: { failure: Failure; words: Words }) {
  return <Banner title={words[`${failure}Title`]}>{words[`${failure}Text`]}</Banner>;
}

/** The demo's people as cards: one press and you are in. */
function AccountCards({ accounts, onChoose, isBusy }: AccountCardsProps) {
  return (
    <ul className="stack-2">
      {accounts.map(({ id, username, name, role, about }) => (
        <li key={username}>
          <button type="button" className="account" onClick={() => onChoose(username)} disabled={isBusy}>
            <Avatar person={{ id: id ?? username, name, role, avatar: "", username }} />
            <span className="grow">
              <span className="account-name" dir="auto">
                {name}
              </span>
              <span className="quiet">{about || role}</span>
            </span>
            <Glyph name="right" />
          </button>
        </li>
      ))}
    </ul>
  );
}
interface AccountCardsProps {
  accounts: readonly Account[];
  onChoose: (username: string) => void;
  isBusy: boolean;
}

/** The door: user name and password, or one of the demo's people. */
export function LoginPage() {
  const words = useWords();
  const [language, setLanguage] = useLanguage();
  const { accounts, hasFailed, retry } = useAccounts(language);
  const session = useSession();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(session.reason === "ended" ? "ended" : null);
  const hasChosen = useRef(false);
  const passwordField = useRef<HTMLInputElement>(null);
  usePageTitle(words.signIn);

  const signIn = async (name: string, secret: string) => {
    setBusy(true);
    setFailure(null);
    try {
      await client.session.signIn(name, secret);
      // A language chosen at the door is meant for the rooms behind it too.
      if (hasChosen.current) await client.session.updateProfile({ language }).catch(() => undefined);
    } catch (thrown) {
      setFailure(failureOf(thrown));
      setBusy(false);
      passwordField.current?.select();
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void signIn(username.trim(), password);
  };
  const other = language === "fr" ? "en" : "fr";
  const isWrong = failure === "wrong";
  return (
    <main className="door carillon">
      <section className="door-side">
        <DoorArt />
        <div className="brand">
          <Mark size={28} />
          <span>Carillon</span>
        </div>
        <div className="door-lines">
          <p className="door-words">{words.slogan}</p>
          <p className="door-note">{words.sloganNote}</p>
        </div>
      </section>
      <section className="door-form">
        <div>
          <div className="door-head">
            <h1 className="title">{words.signIn}</h1>
            <button
              type="button"
              className="carillon-link"
              lang={other}
              onClick={() => {
                hasChosen.current = true;
                setLanguage(other);
              }}
            >
              {words.otherLanguage}
            </button>
          </div>
          <p className="subtitle">{words.demoServer}</p>
          <div className="door-failure">{failure && <FailureBanner failure={failure} words={words} />}</div>
          <form className="stack" onSubmit={onSubmit}>
            <div className="carillon-field">
              <label className="carillon-label" htmlFor="username">
                {words.username}
              </label>
              <input
                className="carillon-input"
                id="username"
                autoComplete="username"
                autoCapitalize="none"
                spellCheck={false}
                required
                aria-invalid={isWrong || undefined}
                value={username}
                onChange={(event) => setUsername(event.currentTarget.value)}
              />
            </div>
            <div className="carillon-field">
              <label className="carillon-label" htmlFor="password">
                {words.password}
              </label>
              <input
                ref={passwordField}
                className="carillon-input"
                id="password"
                type="password"
                autoComplete="current-password"
                required
                aria-invalid={isWrong || undefined}
                value={password}
                onChange={(event) => setPassword(event.currentTarget.value)}
              />
            </div>
            <button className="carillon-button" type="submit" data-kind="primary" data-wide="" aria-busy={isBusy}>
              {isBusy ? words.signingIn : words.signIn}
            </button>
          </form>
          {hasFailed && !accounts && (
            <p className="door-away">
              {words.awayTitle}{" "}
              <button type="button" className="carillon-link" onClick={retry}>
                {words.retry}
              </button>
            </p>
          )}
          {accounts && accounts.length > 0 && (
            <>
              <p className="rule">{words.orAs}</p>
              <AccountCards accounts={accounts} onChoose={(name) => void signIn(name, name)} isBusy={isBusy} />
            </>
          )}
        </div>
      </section>
    </main>
  );
}
