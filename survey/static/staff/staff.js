// Sorts a table where it stands; without this script the same links ask the server.
function place(row, column) {
  return Number(row.querySelector(`[data-column="${column}"]`).dataset.rank);
}

function sort(table, head, link) {
  const down = head.getAttribute("aria-sort") === "ascending";
  const rows = [...table.tBodies[0].rows];
  const column = head.dataset.column;
  rows.sort((one, other) => {
    const [a, b] = [place(one, column), place(other, column)];
    if (a < 0 || b < 0) return (a < 0) - (b < 0);
    return down ? b - a : a - b;
  });
  table.tBodies[0].append(...rows);
  for (const every of head.parentElement.cells) every.setAttribute("aria-sort", "none");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const next = new URL(link.href);
  window.history.replaceState(null, "", next);
  next.searchParams.set("sort", down ? column : `-${column}`);
  link.href = next;
}

document.querySelectorAll("table.units").forEach((table) => {
  table.tHead.addEventListener("click", (event) => {
    const link = event.target.closest("th[data-column] a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    sort(table, link.closest("th"), link);
  });
});
