// Reads a page aloud (`data-read-aloud` names the element) with a voice of the device itself. A
// voice from the network would send what it reads to others: without a local one of the page's
// language the button stays hidden.

function localVoice(): SpeechSynthesisVoice | undefined {
  const language = document.documentElement.lang.slice(0, 2);
  return speechSynthesis
    .getVoices()
    .find((voice) => voice.localService && voice.lang.toLowerCase().startsWith(language));
}

const NOT_READ = "button, nav, summary svg, table, form, img, .visually-hidden, .mk-no-print";

/** What can be seen of an element, sentence by sentence: long texts are cut off by some devices. */
function sentences(element: Element): string[] {
  const copy = element.cloneNode(true) as Element;
  for (const part of copy.querySelectorAll(NOT_READ)) part.remove();
  for (const closed of copy.querySelectorAll("details:not([open])")) closed.remove();
  for (const line of copy.querySelectorAll("p, li, h1, h2, dt, dd, div")) line.append("。");
  return (copy.textContent ?? "")
    .split(/[。！？!?\n]+|\.\s/)
    .map((text) => text.replace(/\s+/g, " ").trim())
    .filter((text) => text !== "");
}

function read(button: HTMLElement, voice: SpeechSynthesisVoice): void {
  const words = button.querySelector("span");
  const element = document.querySelector(button.dataset["readAloud"] ?? "");
  if (element === null || words === null) return;
  const before = words.textContent;
  words.textContent = button.dataset["readStop"] ?? before;
  const texts = sentences(element);
  texts.forEach((text, place) => {
    const said = new SpeechSynthesisUtterance(text);
    said.voice = voice;
    said.lang = voice.lang;
    said.rate = 0.85;
    if (place === texts.length - 1) said.onend = () => (words.textContent = before);
    said.onerror = () => (words.textContent = before);
    speechSynthesis.speak(said);
  });
}

export function startReadAloud(): void {
  if (!("speechSynthesis" in window)) return;
  const show = (): void => {
    if (localVoice() === undefined) return;
    for (const button of document.querySelectorAll<HTMLElement>("[data-read-aloud]")) {
      button.hidden = false;
    }
  };
  show();
  speechSynthesis.addEventListener?.("voiceschanged", show);
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const button = event.target.closest<HTMLElement>("[data-read-aloud]");
    const voice = localVoice();
    if (button === null || voice === undefined) return;
    if (speechSynthesis.speaking) speechSynthesis.cancel();
    else read(button, voice);
  });
  window.addEventListener("pagehide", () => speechSynthesis.cancel());
}
