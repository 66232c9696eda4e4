// Joined to vega-embed by the server. The only HTML that vega-embed writes is "", so nothing else is trusted.
if (window.trustedTypes) {
  window.trustedTypes.createPolicy("default", { createHTML: (html) => (html === "" ? "" : null) });
}

const bubble = document.createElement("div");
bubble.className = "bubble";
bubble.hidden = true;
document.body.append(bubble);

function tell(_handler, event, _item, value) {
  bubble.hidden = !value;
  if (!value) return;
  bubble.textContent = String(value);
  const room = document.documentElement.clientWidth - bubble.offsetWidth - 8;
  bubble.style.left = `${window.scrollX + Math.max(8, Math.min(event.clientX + 12, room))}px`;
  bubble.style.top = `${window.scrollY + event.clientY + 16}px`;
}

const options = { actions: false, ast: true, defaultStyle: false, renderer: "svg", tooltip: tell };

async function awaken(picture) {
  if (picture.dataset.awake || picture.offsetParent === null) return;
  picture.dataset.awake = "yes";
  const drawn = document.createElement("div");
  const { view } = await vegaEmbed(drawn, JSON.parse(picture.dataset.spec), options);
  const svg = drawn.querySelector("svg");
  if (view && svg) picture.replaceChildren(drawn);
}

const pictures = document.querySelectorAll("[data-spec]");
const look = () => pictures.forEach((picture) => awaken(picture).catch(() => {}));
window.matchMedia("(min-width: 60rem)").addEventListener("change", look);
look();
