// What the page does beyond links and forms: live parts, copying, asking before deleting, shortcuts. All of it is extra.
"use strict";

(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const find = (selector) => document.querySelector(selector);

  const isTyped = (field) => field.matches("input:not([type=checkbox], [type=radio]), textarea");

  // --- telling what happened, also to those who hear the page ---
  const announce = (text) => {
    const announcer = find("#announcer");
    if (!announcer || !text) return;
    announcer.textContent = "";
    setTimeout(() => { announcer.textContent = text; }, 60);
  };

  // --- live parts: asked for again every two seconds while somebody looks ---
  const INTERVAL = 2000;
  setInterval(() => {
    if (document.visibilityState !== "visible" || find("dialog[open]")) return;
    document.querySelectorAll("[data-live]").forEach((part) => {
      const isPaused = find("#pause")?.getAttribute("aria-pressed") === "true";
      if (!isPaused && !part.contains(document.activeElement)) htmx.trigger(part, "live");
    });
  }, INTERVAL);

  // What came is what is there already: nothing moves under the reader's eyes, and what is selected stays so.
  const came = new Map();
  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    if (part?.dataset?.live === undefined) return;
    const fresh = new DOMParser().parseFromString(event.detail.serverResponse, "text/html").getElementById(part.id);
    if (fresh && came.get(part.id) === fresh.outerHTML) event.detail.shouldSwap = false;
    if (fresh) came.set(part.id, fresh.outerHTML);
  });

  // --- asking before something is lost ---
  let asked = null;
  const ask = (form, submitter) => {
    asked = { form, submitter };
    find("#confirm-text").textContent = form.dataset.confirm;
    find("#confirm").showModal();
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.confirm || form.elements.confirmed) return;
    event.preventDefault();
    event.stopPropagation();
    ask(form, event.submitter);
  }, true);
  const answer = (yes) => {
    find("#confirm").close();
    if (!yes || !asked) return;
    const sure = document.createElement("input");
    Object.assign(sure, { type: "hidden", name: "confirmed", value: "yes" });
    asked.form.append(sure);
    asked.form.requestSubmit(asked.submitter);
  };

  // --- copying ---
  const copy = async (button) => {
    const text = button.dataset.copy ?? find(button.dataset.copyFrom)?.textContent ?? "";
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Pages that come over plain http from another machine have no clipboard.
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    const label = button.textContent;
    button.textContent = find("#help").dataset.copied;
    announce(button.textContent);
    setTimeout(() => { button.textContent = label; }, 1500);
  };

  document.addEventListener("click", (event) => {
    const target = event.target.closest("button, dialog");
    if (!target) return;
    if (target.dataset.copy !== undefined || target.dataset.copyFrom) copy(target);
    else if (target.dataset.answer) answer(target.dataset.answer === "yes");
    else if (target.dataset.close !== undefined) target.closest("dialog").close();
    else if (target.id === "pause") target.setAttribute("aria-pressed", String(target.getAttribute("aria-pressed") !== "true"));
    else if (target.tagName === "DIALOG" && event.target === target) target.close();
  });

  // --- forms that are sent as soon as something is chosen; boxes that tick all others ---
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.id === "shortcuts-on") localStorage.setItem("shortcuts", field.checked ? "on" : "off");
    if (field.dataset.all) {
      document.querySelectorAll(`input[name="${field.dataset.all}"]`).forEach((box) => { box.checked = field.checked; });
      count();
    } else if (field.name === "chosen") count();
    // What is typed is sent with Enter, which would make this the second time.
    if (field.form?.dataset.autosubmit !== undefined && !isTyped(field)) field.form.requestSubmit();
  });
  const count = () => {
    const chosen = document.querySelectorAll('input[name="chosen"]:checked').length;
    document.querySelectorAll("[data-chosen]").forEach((each) => { each.textContent = chosen ? `(${chosen})` : ""; });
  };

  // --- shortcuts ---
  const hasShortcuts = () => localStorage.getItem("shortcuts") !== "off";
  let waiting = null;
  const showHelp = () => {
    find("#shortcuts-on").checked = hasShortcuts();
    find("#help").showModal();
  };
  const step = (by) => {
    const rows = [...document.querySelectorAll("tbody tr a[data-row]")];
    if (!rows.length) return;
    const now = rows.indexOf(document.activeElement);
    rows[Math.min(Math.max(now + by, 0), rows.length - 1)].focus();
  };
  const begin = () => {
    const way = find("[data-new]");
    if (way?.tagName !== "SUMMARY") return way?.click();
    way.parentElement.open = true;
    way.parentElement.querySelector("input:not([type=hidden]), select")?.focus();
  };
  const press = {
    "/": () => { const field = find("[data-search]"); field?.focus(); field?.select(); },
    "?": showHelp,
    n: begin,
    j: () => step(1),
    k: () => step(-1),
    "[": () => find("#page-prev")?.click(),
    "]": () => find("#page-next")?.click(),
    g: () => { waiting = setTimeout(() => { waiting = null; }, 1500); },
  };
  const isTyping = (target) => isTyped(target) || target.matches("select");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !find("dialog[open]")) return escape(event);
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || find("dialog[open]")) return;
    if (!hasShortcuts()) return;
    const second = waiting && find(`.menu a[data-key="${CSS.escape(event.key)}"]`);
    const run = second ? () => second.click() : press[event.key];
    clearTimeout(waiting);
    waiting = null;
    if (!run) return;
    event.preventDefault();
    run();
  });
  const escape = (event) => {
    const way = find("[data-escape]");
    if (way && event.target.closest("[data-escapes]")) way.click();
    else if (event.target !== document.body) {
      // Or a search field would forget what was looked for.
      event.preventDefault();
      event.target.blur();
    }
  };
  document.addEventListener("click", (event) => {
    if (event.target.id !== "help-link" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    showHelp();
  }, true);

  // --- the menu of a phone is a strip: where one is, is in sight ---
  const showPlace = () => {
    const menu = find(".menu");
    const current = find(".menu [aria-current]");
    if (menu && current) menu.scrollLeft = current.offsetLeft - (menu.clientWidth - current.offsetWidth) / 2;
  };
  document.addEventListener("DOMContentLoaded", showPlace);

  // --- after htmx has swapped something in ---
  let path = location.pathname;
  document.addEventListener("htmx:afterSettle", (event) => {
    find("#offline")?.setAttribute("hidden", "");
    if (event.detail.target !== document.body) return;
    showPlace();
    find("[aria-invalid=true]")?.focus();
    announce(find("#said")?.textContent ?? find("[role=alert]")?.textContent ?? document.title);
    if (location.pathname === path) return;
    path = location.pathname;
    window.scrollTo(0, 0);
  });
  document.addEventListener("htmx:sendError", () => find("#offline")?.removeAttribute("hidden"));
})();
