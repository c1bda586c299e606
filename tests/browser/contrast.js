// Gives what is written in a colour too near its ground's: WCAG 2.2, success criterion 1.4.3.
() => {
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
    .getContext("2d", { willReadFrequently: true });
  // The browser itself puts the colours over each other: it knows every way to write one.
  const seen = (colours) => {
    for (const colour of ["white", ...colours]) {
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
    }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (colours) => seen(colours).map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, place) => sum + one * [0.2126, 0.7152, 0.0722][place], 0);
  const grounds = (element) => (element ? [...grounds(element.parentElement), getComputedStyle(element).backgroundColor] : []);
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const written = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!written || element.closest("svg, script, noscript, .unseen, :disabled") || !element.checkVisibility()) continue;
    const below = grounds(element);
    const [one, other] = [luminance(below), luminance([...below, getComputedStyle(element).color])];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faint.push(`${element.innerText.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return faint;
}
