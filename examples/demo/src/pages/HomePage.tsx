import { useNotifications } from "@carillon/react";
import type { ReactNode } from "react";
import { Command } from "../parts/Command";
import { Glyph, type GlyphName } from "../parts/Glyph";
import { usePageTitle } from "../parts/usePageTitle";
import { follow } from "../router";
import { useLanguage } from "../settings";
import { useSession } from "../useSession";
import { useWords } from "../words";

function today(language: string): string {
  const text = new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", {
    weekday: "long",
    day: "numeric",
    month: "long",
  }).format(new Date());
  return text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
}

interface IdeaProps {
  icon: GlyphName;
  title: string;
  text: string;
  children?: ReactNode;
}

function Idea({ icon, title, text, children }: IdeaProps) {
  return (
    <li className="idea">
      <span className="idea-icon">
        <Glyph name={icon} />
      </span>
      <div className="grow">
        <h3 className="idea-title">{title}</h3>
        <p className="idea-text">{text}</p>
        {children && <div className="idea-do">{children}</div>}
      </div>
    </li>
  );
}

/** A calm page to stand on while the bell rings, with a few things to try. */
export function HomePage() {
  const words = useWords();
  const [language] = useLanguage();
  const { person } = useSession();
  const { inbox, status } = useNotifications();
  usePageTitle(words.home);
  const first = person?.name.split(" ")[0] ?? "";
  const day = `${today(language)}.`;
  return (
    <>
      <div className="page-head">
        <div>
          <h1 className="title">{words.hello(first)}</h1>
          <p className="subtitle">
            {day} {status === "ready" && words.unread(inbox.unread)}
          </p>
        </div>
      </div>
      <section className="card narrow" aria-labelledby="try">
        <h2 className="card-head" id="try">
          {words.tryTitle}
        </h2>
        <ul className="ideas">
          <Idea icon="horn" title={words.tryRing} text={words.tryRingText}>
            <a className="carillon-button" data-kind="primary" href="/ring" onClick={follow}>
              {words.tryRingLink}
            </a>
          </Idea>
          <Idea icon="tabs" title={words.tryTabs} text={words.tryTabsText}>
            <a className="carillon-button" data-kind="outline" href="/notifications" target="_blank" rel="noopener">
              {words.tryTabsLink}
            </a>
          </Idea>
          <Idea icon="terminal" title={words.tryTerminal} text={words.tryTerminalText}>
            <Command
              text={`.venv/bin/carillon notify alice "${language === "fr" ? "Bonjour du terminal" : "Hello from the terminal"}"`}
            />
          </Idea>
          <Idea icon="keyboard" title={words.tryKeys} text={words.tryKeysText}>
            <a className="carillon-link" href="/notifications" onClick={follow}>
              {words.tryKeysLink}
            </a>
          </Idea>
          <Idea icon="plug" title={words.tryKill} text={words.tryKillText} />
        </ul>
      </section>
    </>
  );
}
