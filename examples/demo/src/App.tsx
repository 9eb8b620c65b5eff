import { CarillonProvider } from "@carillon/react";
import { useEffect, useState } from "react";
import { client } from "./client";
import { HomePage } from "./pages/HomePage";
import { LinkedPage } from "./pages/LinkedPage";
import { LoginPage } from "./pages/LoginPage";
import { MessagesPage } from "./pages/MessagesPage";
import { NotificationsPage } from "./pages/NotificationsPage";
import { PeoplePage } from "./pages/PeoplePage";
import { RingPage } from "./pages/RingPage";
import { Shell } from "./parts/Shell";
import { navigate, redirect, usePath } from "./router";
import { setLanguage, useLanguage } from "./settings";
import { useSession } from "./useSession";

const PAGES: Record<string, () => React.JSX.Element> = {
  "/": HomePage,
  "/messages": MessagesPage,
  "/notifications": NotificationsPage,
  "/people": PeoplePage,
  "/ring": RingPage,
};

/** The page of a path; a conversation has a path of its own. */
function pageOf(path: string): () => React.JSX.Element {
  return PAGES[path.replace(/^\/messages\/\d+$/, "/messages")] ?? LinkedPage;
}

/** Where to go after signing in: a path of this application, never another site. */
function nextPath(): string {
  const next = new URLSearchParams(location.search).get("next") ?? "/";
  return /^\/(?![/\\])/.test(next) ? next : "/";
}

/** Sends those who are not signed in to the door, and those who are away from it. */
function useDoor(isKnown: boolean, isInside: boolean): void {
  const path = usePath();
  useEffect(() => {
    if (!isKnown) return;
    if (isInside && path === "/login") redirect(nextPath());
    if (!isInside && path !== "/login") {
      redirect(path === "/" ? "/login" : `/login?next=${encodeURIComponent(path)}`);
    }
  }, [isKnown, isInside, path]);
}

function Pages() {
  const session = useSession();
  const path = usePath();
  const [isKnown, setKnown] = useState(false);
  useEffect(() => {
    void client.session.restore().then(() => setKnown(true));
  }, []);
  const isInside = session.status === "signed-in";
  useDoor(isKnown, isInside);
  // Until it is known who is here, nothing is shown: a form that flashes up would be worse.
  if (!isKnown) return null;
  if (!isInside) return <LoginPage />;
  const Page = pageOf(path);
  return (
    <Shell path={path}>
      <Page />
    </Shell>
  );
}

/** The whole demo: one client, one provider, six pages. */
export function App() {
  const [language] = useLanguage();
  const { language: own } = useSession();
  useEffect(() => {
    if (own) setLanguage(own.startsWith("fr") ? "fr" : "en");
  }, [own]);
  return (
    <CarillonProvider client={client} language={language} onNavigate={navigate}>
      <Pages />
    </CarillonProvider>
  );
}
