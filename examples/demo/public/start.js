// Before the first paint: the theme and the language that were chosen here last time.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("carillon-demo:theme");
    if (theme) root.dataset.theme = theme;
    const language = localStorage.getItem("carillon-demo:language") ?? navigator.language;
    root.lang = language.toLowerCase().startsWith("fr") ? "fr" : "en";
  } catch {
    // A browser without storage follows the system.
  }
})();
