import { usePageTitle } from "../parts/usePageTitle";
import { follow, usePath } from "../router";
import { useWords } from "../words";

/** Stands for any page of a product that a notification may point to. */
export function LinkedPage() {
  const words = useWords();
  const path = usePath();
  usePageTitle(words.arrived);
  return (
    <div className="linked">
      <h1 className="title">{words.arrived}</h1>
      <p className="linked-path">
        <code>{path}</code>
      </p>
      <p className="subtitle">{words.arrivedText}</p>
      <p>
        <a className="carillon-button" data-kind="outline" href="/" onClick={follow}>
          {words.backHome}
        </a>
      </p>
    </div>
  );
}
