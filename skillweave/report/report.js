// The pictures of coverage, which Python made and escaped, in a root of their own: their style touches nothing else.
// Neither a handler nor a script in them could run: the app's Content-Security-Policy refuses both.

export default function ({ parentElement, data }) {
  const part = new DOMParser().parseFromString(data.part, "text/html");
  for (const element of part.querySelectorAll("script, iframe, object, embed, link, meta, base, form")) element.remove();
  parentElement.replaceChildren(...part.head.childNodes, ...part.body.childNodes);
}
