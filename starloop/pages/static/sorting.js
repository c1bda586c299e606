// Sorts a table that is whole on its page without asking the server; its headings are links that do the same.
"use strict";

for (const table of document.querySelectorAll("table.sortable[data-whole]")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector("a")?.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab or window asks the server
    event.preventDefault();
    const way = head.getAttribute("aria-sort");
    const next = way ? (way === "ascending" ? "descending" : "ascending") : head.dataset.first;
    for (const one of heads) one.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", next);
    sort(table.tBodies[0], column, next === "ascending" ? 1 : -1);
    const address = new URL(event.currentTarget.href);
    address.searchParams.set("order", next);
    history.replaceState(null, "", address);
  }));
}

// As the server sorts: what is not known comes last either way, what is alike by the object's name.
function sort(body, column, sign) {
  const key = (row) => row.cells[column].dataset.value.trim();
  const rows = [...body.rows].map((row) => ({ row, key: key(row), name: row.cells[0].dataset.value }));
  const numbers = rows.every(({ key }) => key === "" || !Number.isNaN(Number(key)));
  const order = (a, b) => (numbers ? Number(a) - Number(b) : a < b ? -1 : Number(a > b));
  rows.sort((a, b) => {
    if (a.key === "" || b.key === "") return (a.key === "") - (b.key === "") || byName(a, b);
    return sign * order(a.key, b.key) || byName(a, b);
  });
  body.append(...rows.map(({ row }) => row));
}

function byName(a, b) {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}
