import type { FormatMistake } from '../format-error.ts'

/** A name that every version of Prometheus and Loki takes. */
export function checkLabelName(text: string): FormatMistake | undefined {
  const good = /^(?:[a-zA-Z_][a-zA-Z0-9_]*)?/.exec(text)![0].length
  if (good === text.length && text !== '') return undefined
  const found = text === '' ? 'nothing' : `"${String.fromCodePoint(text.codePointAt(good)!)}"`
  return {
    reason: `found ${found}, want a label name: letters, digits and underscores, not beginning with a digit`,
    start: good,
    end: Math.min(good + 1, text.length),
    advice: suggestion(text),
  }
}

function suggestion(text: string): string | undefined {
  const legal = text.replace(/[^a-zA-Z0-9_]+/g, '_').replace(/^(?=\d)/, '_')
  return /[a-zA-Z0-9]/.test(text) ? `write "${legal}"` : undefined
}

/** A name that newer versions take: any text. */
export function checkUtf8LabelName(text: string): FormatMistake | undefined {
  return text === '' ? { reason: 'found nothing, want a label name', start: 0, end: 0 } : undefined
}
