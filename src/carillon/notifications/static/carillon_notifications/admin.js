// Comforts of Carillon's admin pages; without scripts everything works as well.
"use strict";

document.querySelector("[data-carillon-all]")?.addEventListener("change", (event) => {
  for (const box of document.querySelectorAll('#carillon-rows input[name="ids"]')) box.checked = event.target.checked;
});

// A kind brings the names of its parameters, unless something else was typed.
const skeletons = document.getElementById("carillon-skeletons");
const kind = document.getElementById("id_kind");
const params = document.getElementById("id_params");
if (skeletons && kind && params) {
  const byKind = JSON.parse(skeletons.textContent);
  const text = (name) => JSON.stringify(byKind[name] ?? {}, null, 1);
  const fill = (before) => {
    const typed = params.value.trim();
    if (["", "null", "{}", text(before)].includes(typed)) params.value = kind.value ? text(kind.value) : "";
  };
  let last = kind.value;
  if (last) fill(last);
  kind.addEventListener("change", () => {
    fill(last);
    last = kind.value;
  });
}
