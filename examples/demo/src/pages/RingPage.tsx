import { ClientError } from "@carillon/client";
import { Avatar, type Language, useToast } from "@carillon/react";
import { type FormEvent, useId, useState } from "react";
import { type Account, type RingRequest, ring } from "../client";
import { EXAMPLES, PROPOSAL } from "../examples";
import { Command } from "../parts/Command";
import { useAccounts } from "../parts/useAccounts";
import { usePageTitle } from "../parts/usePageTitle";
import { pythonOf } from "../python";
import { useLanguage } from "../settings";
import { useSession } from "../useSession";
import { useWords, type Words } from "../words";

type Draft = Omit<RingRequest, "username">;

const EMPTY: Draft = { title: "", message: "", type: "message", severity: "info", url: "", actor: "", buttons: [] };

function firstDraft(language: Language): Draft {
  return { ...EMPTY, ...EXAMPLES[language][0]?.draft };
}

interface RecipientsProps {
  accounts: readonly Account[];
  chosen: string;
  ownName: string | undefined;
  onChoose: (username: string) => void;
}

function Recipients({ accounts, chosen, ownName, onChoose }: RecipientsProps) {
  const words = useWords();
  const name = useId();
  return (
    <fieldset className="choice">
      <legend className="carillon-label">{words.who}</legend>
      <div className="recipients">
        {accounts.map((account) => (
          <label key={account.username} className="recipient">
            <input
              type="radio"
              name={name}
              value={account.username}
              checked={account.username === chosen}
              onChange={() => onChoose(account.username)}
            />
            <Avatar person={{ ...account, id: account.id ?? account.username, avatar: "" }} size="small" />
            <span className="grow">
              <span className="account-name" dir="auto">
                {account.name}
              </span>
              <span className="quiet">{account.name === ownName ? words.toSelf : account.role}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface FieldProps {
  label: string;
  help?: string;
  error?: string | null;
  value: string;
  onChange: (value: string) => void;
  isLong?: boolean;
  inputMode?: "url";
}

function Field({ label, help, error, value, onChange, isLong, inputMode }: FieldProps) {
  const id = useId();
  const common = {
    id,
    className: "carillon-input",
    dir: "auto" as const,
    value,
    "aria-invalid": error ? true : undefined,
    "aria-describedby": help || error ? `${id}-help` : undefined,
  };
  return (
    <div className="carillon-field">
      <label className="carillon-label" htmlFor={id}>
        {label}
      </label>
      {isLong ? (
        <textarea {...common} rows={2} onChange={(event) => onChange(event.currentTarget.value)} />
      ) : (
        <input {...common} inputMode={inputMode} onChange={(event) => onChange(event.currentTarget.value)} />
      )}
      {(help || error) && (
        <p id={`${id}-help`} className={error ? "field-error" : "carillon-help"}>
          {error || help}
        </p>
      )}
    </div>
  );
}

interface PickProps {
  label: string;
  options: Readonly<Record<string, string>>;
  value: string;
  onChange: (value: string) => void;
}

function Pick({ label, options, value, onChange }: PickProps) {
  const id = useId();
  return (
    <div className="carillon-field">
      <label className="carillon-label" htmlFor={id}>
        {label}
      </label>
      <select
        id={id}
        className="carillon-input select"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {Object.entries(options).map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

function sentenceOf(thrown: unknown, words: Words): string {
  const isAnswer = thrown instanceof ClientError && thrown.status !== null && thrown.status < 500;
  return isAnswer ? words.refused(thrown.message) : words.notRung;
}

/** Sends the draft, and says in a toast what came of it. */
function useRing(words: Words): [boolean, (request: RingRequest, done: string) => Promise<void>] {
  const toast = useToast();
  const [isBusy, setBusy] = useState(false);
  const send = async (request: RingRequest, done: string) => {
    setBusy(true);
    try {
      await ring(request);
      toast({ text: done, time: 4000 });
    } catch (thrown) {
      toast({ text: sentenceOf(thrown, words), time: 8000 });
    }
    setBusy(false);
  };
  return [isBusy, send];
}

/** The page where Python notifies someone, and shows how. */
export function RingPage() {
  const words = useWords();
  const [language] = useLanguage();
  const { accounts } = useAccounts(language);
  const { person } = useSession();
  const [draft, setDraft] = useState(() => firstDraft(language));
  const [username, setUsername] = useState<string | null>(null);
  const [isAsked, setAsked] = useState(false);
  const [isBusy, send] = useRing(words);
  usePageTitle(words.ring);

  const own = accounts?.find((account) => account.name === person?.name);
  const chosen = username ?? own?.username ?? accounts?.[0]?.username ?? "";
  const change = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (!draft.title.trim() || !chosen || isBusy) return;
    const name = accounts?.find((account) => account.username === chosen)?.name ?? chosen;
    void send({ username: chosen, ...draft }, chosen === own?.username ? words.rungSelf : words.rung(name));
  };
  return (
    <>
      <div className="page-head">
        <div>
          <h1 className="title">{words.ring}</h1>
          <p className="subtitle">{words.ringIntro}</p>
        </div>
      </div>
      <div className="columns">
        <form className="card pad stack" onSubmit={onSubmit} noValidate>
          {accounts && <Recipients accounts={accounts} chosen={chosen} ownName={own?.name} onChoose={setUsername} />}
          <fieldset className="choice">
            <legend className="carillon-label">{words.examples}</legend>
            <div className="chips">
              {EXAMPLES[language].map(({ name, draft: example }) => (
                <button key={name} type="button" className="chip" onClick={() => setDraft({ ...EMPTY, ...example })}>
                  {name}
                </button>
              ))}
            </div>
          </fieldset>
          <Field
            label={words.title}
            help={words.titleHelp}
            error={isAsked && !draft.title.trim() ? words.needTitle : null}
            value={draft.title}
            onChange={(title) => change({ title })}
          />
          <Field
            label={words.message}
            help={words.messageHelp}
            value={draft.message}
            onChange={(message) => change({ message })}
            isLong
          />
          <div className="pair">
            <Pick label={words.type} options={words.types} value={draft.type} onChange={(type) => change({ type })} />
            <Pick
              label={words.severity}
              options={words.severities}
              value={draft.severity}
              onChange={(severity) => change({ severity })}
            />
          </div>
          <Field
            label={words.link}
            help={words.linkHelp}
            value={draft.url}
            onChange={(url) => change({ url })}
            inputMode="url"
          />
          <Pick
            label={words.buttons}
            options={{ none: words.noButtons, answer: PROPOSAL.map(({ label }) => label[language]).join(" · ") }}
            value={draft.buttons.length > 0 ? "answer" : "none"}
            onChange={(choice) => change({ buttons: choice === "answer" ? PROPOSAL : [] })}
          />
          <button className="carillon-button" type="submit" data-kind="primary" aria-busy={isBusy}>
            {isBusy ? words.sending : words.send}
          </button>
        </form>
        <section className="card pad stack python" aria-labelledby="python">
          <h2 className="h2" id="python">
            {words.pythonTitle}
          </h2>
          <Command text={pythonOf(chosen, draft)} />
          <p className="carillon-help">{words.pythonNote}</p>
        </section>
      </div>
    </>
  );
}
