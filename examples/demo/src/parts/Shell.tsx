import { NotificationBell, useNotifications } from "@carillon/react";
import type { ReactNode } from "react";
import { follow } from "../router";
import { useWords, type Words } from "../words";
import { AccountMenu } from "./AccountMenu";
import { Glyph, type GlyphName } from "./Glyph";
import { Mark } from "./Mark";

const LINKS: readonly [string, GlyphName, (words: Words) => string][] = [
  ["/", "home", (words) => words.home],
  ["/notifications", "bell", (words) => words.notifications],
  ["/ring", "horn", (words) => words.ring],
];

/** On a phone the three pages are within reach of the thumb. */
function TabBar({ path }: { path: string }) {
  const words = useWords();
  const { inbox } = useNotifications();
  return (
    <nav className="tabbar" aria-label={words.sections}>
      {LINKS.map(([href, icon, name]) => (
        <a key={href} href={href} aria-current={path === href ? "page" : undefined} onClick={follow}>
          <span className="tab-icon">
            <Glyph name={icon} />
            {href === "/notifications" && inbox.unread > 0 && (
              <span className="carillon-badge" aria-hidden="true">
                {inbox.unread > 99 ? "99+" : inbox.unread}
              </span>
            )}
          </span>
          <span>{name(words)}</span>
        </a>
      ))}
    </nav>
  );
}

/** What stands around every page: the header with the bell, and the tab bar of a phone. */
export function Shell({ path, children }: { path: string; children: ReactNode }) {
  const words = useWords();
  return (
    <div className="shell carillon">
      <a className="skip" href="#content">
        {words.skip}
      </a>
      <header className="top">
        <a className="brand" href="/" onClick={follow}>
          <Mark />
          <span>Carillon</span>
        </a>
        <nav className="top-nav" aria-label={words.main}>
          {LINKS.map(([href, , name]) => (
            <a key={href} href={href} aria-current={path === href ? "page" : undefined} onClick={follow}>
              {name(words)}
            </a>
          ))}
        </nav>
        <div className="top-end">
          <NotificationBell href="/notifications" />
          <AccountMenu />
        </div>
      </header>
      <main id="content" className="wide" tabIndex={-1}>
        {children}
      </main>
      <TabBar path={path} />
    </div>
  );
}
