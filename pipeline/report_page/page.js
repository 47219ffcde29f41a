// What the other scripts share: elements, data, and the look of the page.
const gristmill = (window.gristmill = {});

// Return an element. What is in it is text, whatever it says.
gristmill.element = (name, attributes = {}, ...inner) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inner.filter((part) => part !== null && part !== undefined && part !== ""));
  return made;
};
gristmill.byId = (id) => document.getElementById(id);
gristmill.data = (id) => JSON.parse(gristmill.byId(id).textContent);
gristmill.number = (value) =>
  value === null || value === undefined ? "" : Number(value.toPrecision(6)).toLocaleString("en", { maximumFractionDigits: 9 });

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const button = gristmill.byId("look");
const listeners = [];

gristmill.look = () => root.dataset.look || (system.matches ? "dark" : "light");
gristmill.onLook = (listener) => listeners.push(listener);
// What is remembered is a convenience: some browsers forbid it to a page that was opened as a file.
gristmill.remembered = (key) => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};
gristmill.remember = (key, value) => {
  try {
    localStorage.setItem(key, value);
    return true;
  } catch {
    return false;
  }
};

const show = () => {
  button.textContent = gristmill.look() === "dark" ? "Light" : "Dark";
  listeners.forEach((listener) => listener());
};
gristmill.changeLook = () => {
  root.dataset.look = gristmill.look() === "dark" ? "light" : "dark";
  gristmill.remember("gristmill-look", root.dataset.look);
  show();
};
const chosen = gristmill.remembered("gristmill-look");
if (chosen === "dark" || chosen === "light") root.dataset.look = chosen;
button.addEventListener("click", gristmill.changeLook);
system.addEventListener("change", show);
show();
