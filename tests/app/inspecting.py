"""What is in a page, shadow trees included: its words, and elements that no text of a stranger may become."""

from __future__ import annotations

from hostile import plain
from playwright.sync_api import Page

_ALL = """
  const all = (root, found = []) => {
    for (const element of root.querySelectorAll('*')) {
      found.push(element);
      if (element.shadowRoot) all(element.shadowRoot, found);
    }
    return found;
  };
"""
_FOUL = (
    "() => {"
    + _ALL
    + """
  const BARRED = ['object', 'embed', 'base', 'portal', 'frame', 'applet', 'audio', 'video'];
  const home = location.origin, foul = [];
  const away = (address) => {
    try {
      const to = new URL(address, location.href);
      return !['data:', 'blob:'].includes(to.protocol) && to.origin !== home;
    } catch { return true; }
  };
  const plain = (words) => words.replace(/[\\s\\u2060\\u200b]/g, '').replace(/[/]$/, '');
  for (const element of all(document)) {
    const name = element.localName, told = element.outerHTML.slice(0, 200);
    for (const attribute of element.attributes) if (attribute.name.startsWith('on')) foul.push(`handler: ${told}`);
    if (BARRED.includes(name)) foul.push(`${name}: ${told}`);
    if (name === 'meta' && element.httpEquiv) foul.push(`meta: ${told}`);
    if (name === 'script' && (element.src ? away(element.src) : element.closest('#root'))) foul.push(`script: ${told}`);
    if (name === 'link' && element.href && away(element.href)) foul.push(`link: ${told}`);
    if (['img', 'iframe', 'source', 'image', 'use'].includes(name)) {
      const address = element.getAttribute('src') ?? element.getAttribute('href') ?? '';
      if (address && away(address)) foul.push(`${name}: ${told}`);
      if (name === 'iframe' && element.srcdoc) foul.push(`iframe: ${told}`);
    }
    if (name === 'form' && element.getAttribute('action')) foul.push(`form: ${told}`);
    if (name === 'a' && element.hasAttribute('href')) {
      const href = element.getAttribute('href');
      if (away(href) && plain(element.textContent) !== plain(href)) foul.push(`a: ${told}`);
    }
    if (/url\\(\\s*['"]?(https?:|\\/\\/)/i.test(element.getAttribute('style') ?? '')) foul.push(`style: ${told}`);
  }
  return foul;
}"""
)
_WORDS = (
    "() => {"
    + _ALL
    + """
  const words = [document.body.innerText];
  for (const element of all(document)) {
    if (element.shadowRoot) words.push(...[...element.shadowRoot.children].map((child) => child.innerText ?? ''));
    if (['input', 'textarea'].includes(element.localName)) words.push(element.value);
    if (element.matches('[role=gridcell]')) words.push(element.textContent);
  }
  return words.join(' ');
}"""
)
_SIZE = (
    "() => {"
    + _ALL
    + """
  const main = document.querySelector('[data-testid=stMainBlockContainer]').getBoundingClientRect();
  const scrolled = [document.scrollingElement, document.querySelector('[data-testid=stMain]')];
  const over = Math.max(...scrolled.map((element) => element.scrollWidth - element.clientWidth));
  return { height: main.height, over };
}"""
)


def foul(page: Page) -> list[str]:
    """Elements that none of our pages has: each told by its first characters."""
    found: list[str] = page.evaluate(_FOUL)
    return found


def words(page: Page) -> str:
    """All that a person can see or hear of the page, as `plain`."""
    return plain(page.evaluate(_WORDS))


def assert_sound(page: Page, *, highest: int) -> None:
    """No foul element, and a page that is not much larger than what it shows."""
    assert foul(page) == []
    size = page.evaluate(_SIZE)
    assert size["height"] < highest, size
    assert size["over"] <= 0, size
