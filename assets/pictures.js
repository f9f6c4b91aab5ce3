// Saves a chart as the picture that is on the page: SVG, or PNG at twice the size. The chart library draws it once more
// on white; title, subtitle and what it is a picture of are put around it. Nothing leaves the browser.
(() => {
  "use strict";
  const FONT = "Inter, system-ui, sans-serif";
  const INK = "#1c2024";
  const MUTED = "#60646c";
  const MARGIN = 16;
  const PIXELS = 2;
  const ruler = document.createElement("canvas").getContext("2d");

  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  // Lines of a text that are no wider than `width`.
  function wrapped(text, size, weight, width) {
    ruler.font = `${weight} ${size}px ${FONT}`;
    const lines = [];
    for (const word of text.split(/\s+/).filter(Boolean)) {
      const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
      if (lines.length && ruler.measureText(longer).width <= width) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  }

  function block(text, size, weight, colour, width) {
    const height = Math.round(size * 1.4);
    const lines = wrapped(text, size, weight, width);
    const markup = (top) =>
      lines
        .map(
          (line, row) =>
            `<text x="${MARGIN}" y="${top + row * height + size}" font-size="${size}" font-weight="${weight}" ` +
            `fill="${colour}">${escaped(line)}</text>`,
        )
        .join("");
    return { height: lines.length * height, markup };
  }

  async function drawn(frame) {
    const graph = frame.querySelector(".js-plotly-plot");
    const { clientWidth: width, clientHeight: height } = graph;
    const address = await window.Plotly.toImage(graph, { format: "svg", width, height });
    const chart = decodeURIComponent(address.slice(address.indexOf(",") + 1));
    const room = width - 2 * MARGIN;
    const text = (selector) => frame.querySelector(selector)?.textContent ?? "";
    const title = block(text("h3"), 18, 600, INK, room);
    const subtitle = block(text(".mm-chart-subtitle"), 12, 400, MUTED, room);
    const takeaway = block(text(".mm-takeaway"), 14, 400, INK, room);
    const foot = block(frame.closest("[data-stamp]")?.dataset.stamp ?? "", 11, 400, MUTED, room);
    const heads = [title, subtitle, takeaway];
    const top = MARGIN + heads.reduce((sum, head) => sum + head.height, 0) + 8;
    const whole = top + height + foot.height + MARGIN;
    let at = MARGIN;
    const words = heads.map((head) => {
      const markup = head.markup(at);
      at += head.height;
      return markup;
    });
    const inside = chart.replace("<svg", `<svg y="${top}"`);
    const markup =
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${whole}" viewBox="0 0 ${width} ${whole}" ` +
      `font-family="${FONT}"><title>${escaped(text("h3"))}</title><rect width="100%" height="100%" fill="#ffffff"/>` +
      `${words.join("")}${inside}${foot.markup(top + height + 4)}</svg>`;
    return { markup, width, height: whole };
  }

  async function asPng({ markup, width, height }) {
    const address = URL.createObjectURL(new Blob([markup], { type: "image/svg+xml" }));
    try {
      const image = new Image();
      image.src = address;
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.width = width * PIXELS;
      canvas.height = height * PIXELS;
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      return await new Promise((done) => canvas.toBlob(done, "image/png"));
    } finally {
      URL.revokeObjectURL(address);
    }
  }

  async function save(button) {
    const frame = button.closest(".mm-chart-frame");
    if (!frame?.querySelector(".js-plotly-plot") || !window.Plotly) return;
    const kind = button.dataset.picture;
    const picture = await drawn(frame);
    const blob = kind === "png" ? await asPng(picture) : new Blob([picture.markup], { type: "image/svg+xml" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `mixmodel-${frame.id}.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[data-picture]") : null;
    if (button) save(button);
  });
})();
