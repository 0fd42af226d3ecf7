// The code a resident shows, typed by a doctor: groups of four, capitals, cursor kept in place.

function grouped(text: string): string {
  return text.replace(/.{4}(?=.)/g, "$& ");
}

export function tidyCode(input: HTMLInputElement): void {
  const cursor = input.selectionStart ?? input.value.length;
  const plain = (text: string) => text.replace(/[^0-9a-z]/gi, "").toUpperCase();
  const before = plain(input.value.slice(0, cursor));
  input.value = grouped(plain(input.value));
  const at = grouped(before).length;
  if (document.activeElement === input) input.setSelectionRange(at, at);
}

export function startCodeInput(): void {
  document.addEventListener("input", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.matches("[data-code-input]")) {
      if (!(event as InputEvent).isComposing) tidyCode(event.target);
    }
  });
}
