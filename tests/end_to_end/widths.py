"""What of a page does not fit, at a width and on paper."""

from typing import Any

WIDTHS = (360, 390, 768, 1000, 1280, 1440)
A4 = 673  # px between the margins of a sheet

# A chart or table that is shown and reaches beyond its column, a box whose content is wider than itself, a page that
# scrolls sideways.
SPILLING = """() => {
  const found = [], page = document.documentElement, main = document.querySelector('main').getBoundingClientRect();
  if (page.scrollWidth > page.clientWidth) found.push(`page: ${page.scrollWidth} of ${page.clientWidth}`);
  for (const one of document.querySelectorAll('header *, main *:not(svg *)')) {
    const box = one.getBoundingClientRect();
    if (!box.width || box.height < 2) continue;
    const what = `${one.tagName} ${one.textContent.trim().slice(0, 40)}`;
    if (box.left < main.left - 1 || box.right > main.right + 1)
      found.push(`${what}: ${Math.round(box.left)} to ${Math.round(box.right)} of ${Math.round(main.right)}`);
    if (getComputedStyle(one).display !== 'inline' && one.clientWidth && one.scrollWidth > one.clientWidth + 1)
      found.push(`${what}: ${one.scrollWidth} in ${one.clientWidth}`);
  }
  return found;
}"""

# Letters of a drawing that reach out of it, or that are too small to read.
LETTERS = """least => [...document.querySelectorAll('figure svg')].flatMap(svg => {
  const frame = svg.getBoundingClientRect();
  if (!frame.width) return [];
  const scale = frame.width / svg.viewBox.baseVal.width;
  return [...svg.querySelectorAll('text')].filter(one => one.textContent.trim()).filter(one => {
    const box = one.getBoundingClientRect();
    return box.left < frame.left - 2 || box.right > frame.right + 2
      || scale * parseFloat(getComputedStyle(one).fontSize) < least;
  }).map(one => one.textContent);
})"""


def spilling(page: Any, width: int) -> list[str]:
    """Return what does not fit at a width of the screen."""
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": width, "height": 900})
    return list(page.evaluate(SPILLING))


def spilling_on_paper(page: Any) -> list[str]:
    """Return what does not fit between the margins of a sheet."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4, "height": 900})
    return list(page.evaluate(SPILLING))


def illegible(page: Any, width: int, least: float = 7.5) -> list[str]:
    """Return the letters of charts that are cut or smaller than `least` px at a width of the screen."""
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": width, "height": 900})
    return list(page.evaluate(LETTERS, least))
