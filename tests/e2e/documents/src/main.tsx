// The documents' applications around their files: one header, and a page for each address.
import "@carillon/react/style.css";
import { CarillonProvider } from "@carillon/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import MenteePage from "./apps/mentee/pages/Notifications";
import MentorPage from "./apps/mentor/pages/Notifications";
import { client } from "./client";
import { Header } from "./components/Header";
import { Snippet } from "./components/Snippet?component";
import * as services from "./services/notifications";

const page = location.pathname.split("/").pop();
const pages = { mentor: <MentorPage />, mentee: <MenteePage />, snippet: <Snippet /> };

// For the test, as the code of a page would call them.
Object.assign(globalThis, { services });

createRoot(document.body.appendChild(document.createElement("div"))).render(
  <StrictMode>
    <CarillonProvider client={client} language="fr" sound={false}>
      <Header isMentoring={page !== "snippet"} />
      {pages[page as keyof typeof pages]}
    </CarillonProvider>
  </StrictMode>,
);
