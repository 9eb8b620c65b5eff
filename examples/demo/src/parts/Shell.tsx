import { NotificationBell, useAway, useConversations, useNotifications } from "@carillon/react";
import type { ReactNode } from "react";
import { follow } from "../router";
import { useWords, type Words } from "../words";
import { AccountMenu } from "./AccountMenu";
import { Glyph, type GlyphName } from "./Glyph";
import { Mark } from "./Mark";

const LINKS: readonly [string, GlyphName, (words: Words) => string][] = [
  ["/", "home", (words) => words.home],
  ["/messages", "chat", (words) => words.messages],
  ["/notifications", "bell", (words) => words.notifications],
  ["/people", "users", (words) => words.people],
  ["/ring", "horn", (words) => words.ring],
];

const isWithin = (path: string, href: string) => path === href || (href !== "/" && path.startsWith(`${href}/`));

function Badge({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span className="carillon-badge" aria-hidden="true">
      {count > 99 ? "99+" : count}
    </span>
  );
}

/** On a phone the pages are within reach of the thumb. */
function TabBar({ path, unread }: { path: string; unread: number }) {
  const words = useWords();
  const { inbox } = useNotifications();
  const counts: Record<string, number> = { "/notifications": inbox.unread, "/messages": unread };
  return (
    <nav className="tabbar" aria-label={words.sections}>
      {LINKS.map(([href, icon, name]) => (
        <a key={href} href={href} aria-current={isWithin(path, href) ? "page" : undefined} onClick={follow}>
          <span className="tab-icon">
            <Glyph name={icon} />
            <Badge count={counts[href] ?? 0} />
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
  const { unread } = useConversations();
  useAway();
  const isChat = isWithin(path, "/messages");
  return (
    <div className="shell carillon" data-page={isChat ? (path === "/messages" ? "list" : "thread") : undefined}>
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
            <a key={href} href={href} aria-current={isWithin(path, href) ? "page" : undefined} onClick={follow}>
              {name(words)}
              {href === "/messages" && unread > 0 && (
                <>
                  {" "}
                  <Badge count={unread} />
                  <span className="carillon-visually-hidden">{words.unreadTalks(unread)}</span>
                </>
              )}
            </a>
          ))}
        </nav>
        <div className="top-end">
          <NotificationBell href="/notifications" />
          <AccountMenu />
        </div>
      </header>
      <main id="content" className={isChat ? "fill" : "wide"} tabIndex={-1}>
        {children}
      </main>
      <TabBar path={path} unread={unread} />
    </div>
  );
}
